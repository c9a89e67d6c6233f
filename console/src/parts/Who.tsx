import { $api } from '@/api/query';
import { useHere, useMe } from '@/shell/where';

const KINDS: Record<string, string> = { key: 'a key', svc: 'a service', dky: 'a deploy key' };

// A person by name, where the API says an id: a member of the team, or what kind of machine it was.
export function Who({ id }: { id: string | null | undefined }) {
    const me = useMe().data?.user;
    const { team } = useHere();
    const person = id?.startsWith('usr_') ?? false;
    const members = $api.useQuery(
        'get',
        '/v1/teams/{team}/members',
        { params: { path: { team: team?.id ?? '' }, query: { limit: 100 } } },
        { enabled: team !== undefined && person && id !== me?.id, staleTime: 300_000 },
    );
    if (!id) {
        return <>CloudDeck</>;
    }
    if (id === me?.id) {
        return <>you</>;
    }
    if (!person) {
        return <span title={id}>{KINDS[id.split('_')[0] ?? ''] ?? id}</span>;
    }
    return <span title={id}>{members.data?.items.find(one => one.user === id)?.name ?? 'someone'}</span>;
}
