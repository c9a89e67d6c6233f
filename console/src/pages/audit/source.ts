import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';

// The log of a team, or of the installation where there is no team: both are asked in the same way.

export type Entry = Schema<'EntryView'>;
export type Verdict = Schema<'AuditVerdictView'>;

export interface Filters {
    action: string;
    actor: string;
    resource: string;
    from: string;
    to: string;
}

export const ALL: Filters = { action: '', actor: '', resource: '', from: '', to: '' };

const PAGE = 50;
const FRESH_MS = 10_000;

async function page(team: string | null, filters: Filters, cursor: string | undefined, limit: number) {
    const moment = (typed: string) => (typed ? new Date(typed).toISOString() : undefined);
    const query = {
        action: filters.action.trim() || undefined,
        actor: filters.actor.trim() || undefined,
        resource: filters.resource.trim() || undefined,
        from: moment(filters.from),
        to: moment(filters.to),
        cursor,
        limit,
    };
    const { data } = team === null ? await api.GET('/v1/admin/audit', { params: { query } }) : await api.GET('/v1/teams/{team}/audit', { params: { path: { team }, query } });
    return data ?? { items: [], next: null };
}

// What was read stays as it is: no entry ever changes. What is new comes by `useNews`.
export function useEntries(team: string | null, filters: Filters) {
    return useInfiniteQuery({
        queryKey: ['log', team, filters],
        queryFn: ({ pageParam }) => page(team, filters, pageParam, PAGE),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: last => last.next ?? undefined,
        staleTime: Infinity,
        placeholderData: keepPreviousData,
    });
}

// The newest page, asked again and again; the address as its key lets the live connection ask sooner.
export function useNews(team: string | null, filters: Filters) {
    return useQuery({
        queryKey: ['get', team === null ? '/v1/admin/audit' : '/v1/teams/{team}/audit', team, filters, 'news'],
        queryFn: () => page(team, filters, undefined, PAGE),
        refetchInterval: FRESH_MS,
    });
}

export async function verified(team: string | null, after: number | undefined): Promise<Verdict> {
    const query = { after };
    const { data } =
        team === null ? await api.GET('/v1/admin/audit/verify', { params: { query } }) : await api.GET('/v1/teams/{team}/audit/verify', { params: { path: { team }, query } });
    if (!data) {
        throw new Error('The API answered without a verdict.');
    }
    return data;
}
