import type { Schema } from '@/api/query';

// What a site answered, in steps of time. The four classes of statuses are always there, which OpenAPI's maps cannot say.
type Exact<Counts> = Omit<Counts, 'status'> & { status: Record<'2xx' | '3xx' | '4xx' | '5xx', number> };
type Told = Schema<'TrafficView'>;

export type Sums = Exact<Told['totals']>;
export type Point = Exact<Told['series'][number]>;
export type Traffic = Omit<Told, 'totals' | 'series' | 'deployments'> & { totals: Sums; series: Point[]; deployments: Exact<Told['deployments'][number]>[] };

export type Range = '1h' | '24h' | '7d' | '30d';
export type Kind = 'live' | 'preview';

export const RANGES: { value: Range; label: string; said: string }[] = [
    { value: '1h', label: 'Hour', said: 'the last hour' },
    { value: '24h', label: 'Day', said: 'the last 24 hours' },
    { value: '7d', label: 'Week', said: 'the last 7 days' },
    { value: '30d', label: 'Month', said: 'the last 30 days' },
];

export function hitRatio(sums: Pick<Sums, 'cache'>): number | null {
    const all = sums.cache.hit + sums.cache.miss;
    return all ? sums.cache.hit / all : null;
}

export function errorRate(sums: Pick<Sums, 'status' | 'requests'>): number | null {
    return sums.requests ? sums.status['5xx'] / sums.requests : null;
}

// A moment on the axis: clock times for hours, dates for days.
export function tick(at: string, range: Range): string {
    const moment = new Date(at);
    return range === '1h' || range === '24h'
        ? moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
        : moment.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}
