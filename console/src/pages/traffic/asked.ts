import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Kind, Range, Traffic } from './shapes';

// The last hour moves while one looks; the others hardly do.
const AGAIN: Record<Range, number> = { '1h': 5000, '24h': 30_000, '7d': 60_000, '30d': 60_000 };

export function useTraffic(project: string, range: Range, kind: Kind) {
    const path = '/v1/projects/{project}/traffic';
    const init = { params: { path: { project }, query: { range, kind } } };
    return useQuery({
        queryKey: ['get', path, init],
        queryFn: async ({ signal }) => (await api.GET(path as never, { ...init, signal } as never)).data as unknown as Traffic,
        refetchInterval: AGAIN[range],
        // The picture of the range before stays until the new one is there.
        placeholderData: before => before,
    });
}
