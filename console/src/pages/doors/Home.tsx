import { Navigate } from '@tanstack/react-router';
import { useMe, useHere } from '@/shell/where';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';

// Where somebody who is signed in begins: at the team of last time.
export function Home() {
    const me = useMe();
    const { team } = useHere();
    if (team) {
        return <Navigate to="/teams/$team" params={{ team: team.slug }} replace />;
    }
    return (
        <Page title="CloudDeck">
            <Loaded query={me}>{({ teams }) => (teams.length === 0 ? <Navigate to="/teams/new" replace /> : null)}</Loaded>
        </Page>
    );
}
