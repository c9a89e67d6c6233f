import type { Schema } from '@/api/query';
import { duration, percent } from '@/parts/units';
import { isOpen, share, type Details } from './figures';

export type Look = Schema<'LookView'>;
type Figures = Schema<'FiguresView'>;

// What a curve is drawn from: the answers between two looks, or all since the rollout began.
export type Scope = 'recent' | 'all';

export interface Point {
    at: number;
    canary: number | null;
    live: number | null;
}

export interface Measure {
    name: string;
    of: (one: Figures) => number | null;
    shown: (value: number) => string;
    // The limit of the project, and on which side of it the judge is content.
    limit: (limits: Record<string, unknown>) => number;
    side: 'below' | 'above';
    // What it cannot be above.
    most?: number;
    // Where a limit is a hundred times what is usual, only factors can be seen.
    factors?: boolean;
}

const known = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

export const MEASURES: Measure[] = [
    { name: 'Error rate', of: one => (one.requests ? one.error_rate : null), shown: percent, limit: limits => known(limits['error_rate']), side: 'below' },
    { name: 'Time to answer, p95', of: one => one.p95_ms, shown: duration, limit: limits => known(limits['p95_ms']), side: 'below', factors: true },
    { name: 'Health', of: one => one.health, shown: value => value.toFixed(0), limit: limits => known(limits['health']), side: 'above', most: 100 },
];

// The numbers of both versions at every look, oldest first.
export function points(looks: Look[], measure: Measure, scope: Scope): Point[] {
    return looks.flatMap(({ at, numbers }) => {
        const seen = scope === 'recent' ? numbers?.recent : numbers;
        return seen ? [{ at: Date.parse(at), canary: measure.of(seen.canary), live: measure.of(seen.live) }] : [];
    });
}

// Which share of visitors saw the new version from when on. It is what the pointer was moved to, and is kept until it is moved again.
export function shares(of: Details, now: number): { at: number; canary: number; live: number }[] {
    const seen = (at: number, canary: number) => ({ at, canary, live: 100 - canary });
    const moves = of.history.filter(one => one.outcome === 'shift' && one.weight !== null).map(one => seen(Date.parse(one.at), one.weight ?? 0));
    const began = Math.min(Date.parse(of.created_at), moves[0]?.at ?? Infinity);
    const ended = of.ended_at ? Date.parse(of.ended_at) : null;
    const last = moves.at(-1)?.canary ?? 0;
    const after = isOpen(of.state) ? last : of.state === 'completed' ? 100 : 0;
    const all = [seen(began, 0), ...moves, ended === null ? seen(Math.max(now, moves.at(-1)?.at ?? began), after) : seen(ended, after)];
    return all.sort((a, b) => a.at - b.at);
}

// From when to when there is something to see, the same for every chart of a page.
export function span(of: Details, looks: Look[], now: number): [number, number] {
    const times = [Date.parse(of.created_at), of.ended_at ? Date.parse(of.ended_at) : now, ...looks.map(one => Date.parse(one.at))];
    const [first, last] = [Math.min(...times), Math.max(...times)];
    return [first, Math.max(last, first + 1000)];
}

export interface Scale {
    domain: [number, number];
    ticks: number[];
}

// How high a chart is: its curves, its limit and some air, up to a round number.
export function scale(drawn: Point[], measure: Measure, limit: number): Scale {
    if (measure.most !== undefined) {
        const ticks = [0, 1, 2, 3, 4].map(quarter => (quarter * measure.most!) / 4);
        return { domain: [0, measure.most * 1.05], ticks };
    }
    const values = drawn.flatMap(one => [one.canary, one.live]).filter(value => value !== null);
    const most = Math.max(limit, ...values) * 1.1;
    return measure.factors ? powers(Math.min(1, ...values.map(value => Math.max(value, 0.1))), Math.max(most, 10)) : rounds(Math.max(most, 0.001));
}

function rounds(most: number): Scale {
    const power = 10 ** Math.floor(Math.log10(most / 4));
    const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(one => one * 4 >= most - 1e-12) ?? most;
    const count = Math.ceil(most / step - 1e-9);
    return { domain: [0, count * step], ticks: Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12))) };
}

function powers(least: number, most: number): Scale {
    const first = Math.floor(Math.log10(least) + 1e-9);
    const count = Math.floor(Math.log10(most)) - first + 1;
    return { domain: [10 ** first, most], ticks: Array.from({ length: count }, (_, index) => Number((10 ** (first + index)).toPrecision(12))) };
}

// Looks are seconds apart, so a moment is told to the second, as the clock of whoever looks has it.
export const clock = (at: number): string => new Date(at).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export const unvisited = (looks: Look[]): boolean => looks.every(one => !one.numbers || one.numbers.canary.requests + one.numbers.live.requests === 0);

// A chart in a sentence, for those who do not see it.
export function told(drawn: Point[], measure: Measure, limit: number): string {
    const last = (which: 'canary' | 'live') => drawn.findLast(one => one[which] !== null)?.[which];
    const said = (value: number | null | undefined) => (value === null || value === undefined ? 'nothing yet' : measure.shown(value));
    const beyond = drawn.filter(one => one.canary !== null && (measure.side === 'below' ? one.canary > limit : one.canary < limit)).length;
    return `${measure.name} at ${drawn.length} ${drawn.length === 1 ? 'look' : 'looks'}: last ${said(last('canary'))} of the new version, ${said(last('live'))} of the live one; `
        + `the limit is ${measure.side === 'below' ? 'at most' : 'at least'} ${measure.shown(limit)}, and the new version was beyond it at ${beyond || 'none'} of them.`;
}

export function toldShares(of: { canary: number }[]): string {
    const seen = of.map(one => one.canary).filter((value, index, all) => index === 0 || value !== all[index - 1]);
    return `Share of visitors who see the new version: ${seen.map(share).join(', then ')}.`;
}

// The test that has gathered most against the new version.
export function strongest(evidence: Record<string, number>): [test: string, wealth: number] | null {
    return Object.entries(evidence).reduce<[string, number] | null>((most, one) => (most === null || one[1] > most[1] ? one : most), null);
}
