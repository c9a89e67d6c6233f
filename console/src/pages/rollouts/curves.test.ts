import { describe, expect, it } from 'vitest';
import { MEASURES, points, scale, shares, span, strongest, told, toldShares, unvisited, type Look, type Measure } from './curves';
import type { Details } from './figures';

const [ERRORS, P95, HEALTH] = MEASURES as [Measure, Measure, Measure];
const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 4, 0, second)).toISOString();
const figures = (requests: number, error_rate: number, p95_ms: number | null, health: number | null) => ({ requests, errors: 0, error_rate, refused: 0, p95_ms, health });
const look = (second: number, canary: ReturnType<typeof figures>, live = figures(100, 0.001, 20, 99)) =>
    ({ at: at(second), number: second, numbers: { canary: figures(900, 0.5, 500, 10), live: figures(9000, 0.01, 25, 98), recent: { canary, live } } }) as unknown as Look;
const LOOKS = [look(10, figures(0, 0, null, null)), look(20, figures(40, 0.02, 30, 97)), look(30, figures(50, 0.08, 1200, 60))];
const rollout = (more: object) => ({ created_at: at(0), ended_at: null, state: 'running', history: [], ...more }) as unknown as Details;
const moved = (second: number, weight: number) => ({ at: at(second), outcome: 'shift', weight });

describe('the curves of a rollout', () => {
    it('have nothing where nobody was', () => {
        expect(points(LOOKS, ERRORS, 'recent').map(one => one.canary)).toEqual([null, 0.02, 0.08]);
        expect(points(LOOKS, P95, 'recent').map(one => one.canary)).toEqual([null, 30, 1200]);
        expect(unvisited(LOOKS)).toBe(false);
        expect(unvisited([])).toBe(true);
    });

    it('are of what came since the look before, or of all', () => {
        expect(points(LOOKS, HEALTH, 'all').map(one => [one.canary, one.live])).toEqual([[10, 98], [10, 98], [10, 98]]);
        const old = { at: at(5), numbers: { canary: figures(1, 0, 2, 3), live: figures(1, 0, 2, 3) } } as unknown as Look;
        expect(points([old], HEALTH, 'recent')).toEqual([]);
    });

    it('leave room for the limit, and for what is beyond it', () => {
        const drawn = points(LOOKS, ERRORS, 'recent');
        expect(scale(drawn, ERRORS, 0.05).ticks).toEqual([0, 0.025, 0.05, 0.075, 0.1]);
        expect(scale([], ERRORS, 0.05)).toEqual({ domain: [0, 0.06], ticks: [0, 0.02, 0.04, 0.06] });
        expect(scale([], ERRORS, 0).domain[1]).toBeGreaterThan(0);
        expect(scale(points(LOOKS, P95, 'recent'), P95, 1000)).toEqual({ domain: [1, 1320], ticks: [1, 10, 100, 1000] });
        expect(scale([{ at: 0, canary: 0.4, live: 12_000 }], P95, 1000).ticks).toEqual([0.1, 1, 10, 100, 1000, 10_000]);
        expect(scale(points(LOOKS, HEALTH, 'recent'), HEALTH, 70)).toEqual({ domain: [0, 105], ticks: [0, 25, 50, 75, 100] });
    });

    it('can be told without being seen', () => {
        expect(told(points(LOOKS, ERRORS, 'recent'), ERRORS, 0.05)).toBe(
            'Error rate at 3 looks: last 8 % of the new version, 0.1 % of the live one; the limit is at most 5 %, and the new version was beyond it at 1 of them.',
        );
        expect(told(points(LOOKS, HEALTH, 'recent'), HEALTH, 70)).toContain('at least 70, and the new version was beyond it at 1 of them');
        expect(told([], P95, 1000)).toContain('last nothing yet of the new version');
    });
});

describe('the share of visitors', () => {
    it('goes up by steps while it runs, and on until now', () => {
        const found = shares(rollout({ history: [moved(5, 5), moved(65, 25)] }), Date.parse(at(90)));
        expect(found.map(one => one.canary)).toEqual([0, 5, 25, 25]);
        expect(found.at(-1)).toEqual({ at: Date.parse(at(90)), canary: 25, live: 75 });
    });

    it('ends with everybody or nobody', () => {
        const ended = { history: [moved(5, 5)], ended_at: at(40) };
        expect(shares(rollout({ ...ended, state: 'completed' }), 0).at(-1)?.canary).toBe(100);
        expect(shares(rollout({ ...ended, state: 'aborted' }), 0).at(-1)).toEqual({ at: Date.parse(at(40)), canary: 0, live: 100 });
        expect(toldShares(shares(rollout({ ...ended, state: 'aborted' }), 0))).toBe('Share of visitors who see the new version: 0 %, then 5 %, then 0 %.');
    });

    it('is drawn over the same time as the curves', () => {
        expect(span(rollout({}), LOOKS, Date.parse(at(31)))).toEqual([Date.parse(at(0)), Date.parse(at(31))]);
        expect(span(rollout({ state: 'aborted', ended_at: at(25) }), LOOKS, Date.parse(at(999)))).toEqual([Date.parse(at(0)), Date.parse(at(30))]);
        expect(span(rollout({}), [], Date.parse(at(0)))).toEqual([Date.parse(at(0)), Date.parse(at(1))]);
    });
});

it('names the test that has most against it', () => {
    expect(strongest({ errors: 0.4, slow: 12, health: 3 })).toEqual(['slow', 12]);
    expect(strongest({})).toBeNull();
});
