import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Onward } from '@/shell/Onward';
import { useHere, useMe } from '@/shell/where';

// Where somebody who is signed in begins: at the team of last time.
export function Home() {
    const me = useMe();
    const { team } = useHere();
    if (team) {
        return <Onward to={`/teams/${team.slug}`} />;
    }
    return (
        <Page title="CloudDeck">
            <Loaded query={me}>{({ teams }) => (teams.length === 0 ? <Onward to="/teams/new" /> : null)}</Loaded>
        </Page>
    );
}
