import { Loader } from '@mantine/core';
import { Navigate, useLocation } from '@tanstack/react-router';
import { useSignedIn } from '@/api/session';
import { Fault } from '@/parts/Fault';
import { useHere, useMe } from '@/shell/where';
import { Door } from './Door';
import classes from './Home.module.css';
import { Landing } from './landing/Landing';

// The bare address: for those who are signed in their team, for everybody else what this is.
export function Home() {
    const signedIn = useSignedIn();
    const query = Object.fromEntries(new URLSearchParams(useLocation().searchStr));
    if (query.code !== undefined || query.error !== undefined) {
        return <Navigate to="/sign-in" search={query as never} replace />;
    }
    return signedIn ? <Onward /> : <Landing />;
}

function Onward() {
    const me = useMe();
    const { team } = useHere();
    if (me.error && !me.data) {
        return (
            <Door title="CloudDeck">
                <Fault of={me.error} again={() => void me.refetch()} />
            </Door>
        );
    }
    if (me.data) {
        return <Navigate to={team ? `/teams/${team.slug}` : '/teams/new'} replace />;
    }
    return (
        <div className={classes.wait}>
            <Loader aria-label="Loading" />
        </div>
    );
}
