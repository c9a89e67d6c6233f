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

// Whether a value has none beside it.
export function lone(rows: Record<string, unknown>[], key: string, index: number): boolean {
    const has = (at: number) => rows[at]?.[key] !== null && rows[at]?.[key] !== undefined;
    return has(index) && !has(index - 1) && !has(index + 1);
}

// The time that one step of a chart is about: a day by its date, else from when to when.
export function stretch(at: string, seconds: number): string {
    const from = new Date(at);
    const day = from.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
    const clock = (moment: Date) => moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return seconds >= 86_400 ? day : `${day}, ${clock(from)} to ${clock(new Date(from.getTime() + seconds * 1000))}`;
}
