import type { InfiniteData, UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Problem } from '@/api/problem';
import { $api, type Schema } from '@/api/query';
import { paged } from '@/parts/paged';
import { isOver } from '../deployments/states';

// The projects of a team as lists show them, what their team comes to in numbers, and its deployments, page by page.

export interface Site {
    id: string;
    slug: string;
    name: string;
    framework: string | null;
    url: string;
    production: { deployment: string; commit: string; branch: string; message: string; at: string } | null;
    latest: { deployment: string; state: string; branch: string; message: string; created_at: string; created_by: string } | null;
    locked: boolean;
    pinned: boolean;
    rollout: { id: string; weight: number } | null;
    protected: boolean;
}

export interface TeamOverview {
    projects: number;
    live: number;
    building: number;
    week: { finished: number; ready: number; failed: number; success_rate: number | null; days: { day: string; ready: number; failed: number }[] };
    builds: { count: number; p50_ms: number | null; p95_ms: number | null };
    traffic: { hours: number; requests: number; bytes: number; errors: number; series: { at: string; requests: number; errors: number }[] };
    active_rollouts: number;
}

export type Deployment = Schema<'DeploymentView'>;

interface Paged<Item> {
    items: Item[];
    next?: string | null;
}

type Pages<Item> = UseInfiniteQueryResult<InfiniteData<Paged<Item>>, Problem>;

export function useOverview(team: string) {
    return $api.useQuery('get', '/v1/teams/{team}/overview' as never, { params: { path: { team } } } as never) as unknown as UseQueryResult<TeamOverview, Problem>;
}

export function useSites(team: string, query = '', limit = 24): Pages<Site> {
    const asked = query ? { query, limit } : { limit };
    const sites = $api.useInfiniteQuery(
        'get',
        '/v1/teams/{team}/sites' as never,
        { params: { path: { team }, query: asked } } as never,
        { ...paged, enabled: team !== '', placeholderData: (shown: unknown) => shown } as never,
    ) as unknown as Pages<Site>;
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

export function useTeamDeployments(team: string, limit = 20): Pages<Deployment> {
    return $api.useInfiniteQuery(
        'get',
        '/v1/teams/{team}/deployments' as never,
        { params: { path: { team }, query: { limit } } } as never,
        { ...paged, enabled: team !== '' } as never,
    ) as unknown as Pages<Deployment>;
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

