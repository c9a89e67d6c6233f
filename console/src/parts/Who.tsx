import { $api } from '@/api/query';
import { useHere, useMe } from '@/shell/where';

const KINDS: Record<string, string> = { key: 'a key', svc: 'a service', dky: 'a deploy key' };

export interface Someone {
    name: string;
    kind: 'person' | 'machine' | 'platform';
}

// Whom an id of the API stands for: a member of the team by name, or what kind of machine it was.
export function useSomeone(id: string | null | undefined): Someone {
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
        return { name: 'CloudDeck', kind: 'platform' };
    }
    if (id === me?.id) {
        return { name: me.name, kind: 'person' };
    }
    if (!person) {
        return { name: KINDS[id.split('_')[0] ?? ''] ?? id, kind: 'machine' };
    }
    return { name: members.data?.items.find(one => one.user === id)?.name ?? 'someone', kind: 'person' };
}

// Somebody in a sentence; whoever looks is "you".
export function Who({ id }: { id: string | null | undefined }) {
    const me = useMe().data?.user;
    const { name } = useSomeone(id);
    if (!id || id === me?.id) {
        return <>{id ? 'you' : name}</>;
    }
    return <span title={id}>{name}</span>;
}
