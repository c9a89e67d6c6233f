import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '@/api/query';
import type { Kind, Range, Traffic } from './shapes';

// The last hour moves while one looks; the others hardly do.
const AGAIN: Record<Range, number> = { '1h': 5000, '24h': 30_000, '7d': 60_000, '30d': 60_000 };

export function useTraffic(project: string, range: Range, kind: Kind) {
    return $api.useQuery(
        'get',
        '/v1/projects/{project}/traffic',
        { params: { path: { project }, query: { range, kind } } },
        // The picture of the range before stays until the new one is there.
        { refetchInterval: AGAIN[range], placeholderData: keepPreviousData, select: found => found as Traffic },
    );
}
