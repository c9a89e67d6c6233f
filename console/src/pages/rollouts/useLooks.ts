import { useEffect } from 'react';
import { $api } from '@/api/query';
import { paged } from '@/parts/paged';
import type { Look } from './curves';
import type { Rollout } from './figures';

// Every look that is kept, newest first: a few hundred at most, since older ones are thinned, so all of them are asked for.
export function useLooks({ project, id }: Pick<Rollout, 'project' | 'id'>) {
    const query = $api.useInfiniteQuery(
        'get',
        '/v1/projects/{project}/rollouts/{rollout}/looks',
        { params: { path: { project, rollout: id }, query: { limit: 100 } } },
        paged,
    );
    const { hasNextPage, isFetching, isError, fetchNextPage } = query;
    useEffect(() => {
        if (hasNextPage && !isFetching && !isError) {
            void fetchNextPage();
        }
    }, [hasNextPage, isFetching, isError, fetchNextPage]);
    const pages = query.data?.pages;
    return { query, looks: pages?.flatMap(page => page.items as Look[]) };
}
