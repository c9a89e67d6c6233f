import { keepPreviousData, type InfiniteData } from '@tanstack/react-query';
import { useEffect } from 'react';
import { $api, type Schema } from '@/api/query';
import { paged } from '@/parts/paged';
import { isOver } from '../deployments/states';

// The projects of a team as lists show them, what their team comes to in numbers, and its deployments, page by page.

export type Site = Schema<'SiteView'>;
export type TeamOverview = Schema<'OverviewOverviewView'>;
export type Deployment = Schema<'DeploymentView'>;

interface Pages<Item> {
    data?: InfiniteData<{ items: Item[] }>;
}

export function useOverview(team: string) {
    return $api.useQuery('get', '/v1/teams/{team}/overview', { params: { path: { team } } });
}

export function useSites(team: string, query = '', limit = 24) {
    const asked = query ? { query, limit } : { limit };
    const sites = $api.useInfiniteQuery(
        'get',
        '/v1/teams/{team}/sites',
        { params: { path: { team }, query: asked } },
        { ...paged, enabled: team !== '', placeholderData: keepPreviousData },
    );
    // A search may find nothing in a page and go on in the next.
    const { hasNextPage, isFetchingNextPage, fetchNextPage } = sites;
    const nothing = query !== '' && hasNextPage && !isFetchingNextPage && !sites.isPlaceholderData && all(sites).length === 0;
    useEffect(() => {
        if (nothing) {
            void fetchNextPage();
        }
    }, [nothing, fetchNextPage]);
    return sites;
}

export function useTeamDeployments(team: string, limit = 20) {
    return $api.useInfiniteQuery('get', '/v1/teams/{team}/deployments', { params: { path: { team }, query: { limit } } }, { ...paged, enabled: team !== '' });
}

export const all = <Item>(pages: Pages<Item>): Item[] => pages.data?.pages.flatMap(page => page.items) ?? [];

// What one word says about a project: what moves now, else how the last one ended, else whether it is live.
export function stateOf(site: Site): { word: string; tone?: 'good' | 'warn' | 'bad' | 'live' | 'idle' } {
    if (site.latest && !isOver(site.latest.state)) {
        return { word: site.latest.state };
    }
    if (site.rollout) {
        return { word: 'rolling out', tone: 'live' };
    }
    if (site.latest?.state === 'failed') {
        return { word: site.production ? 'live, last failed' : 'failed', tone: 'bad' };
    }
    return site.production ? { word: 'live', tone: 'good' } : { word: 'not live yet', tone: 'idle' };
}
