import { describe, expect, it } from 'vitest';
import { left, nearness, share, type Details } from './figures';

const AT = Date.parse('2026-11-22T04:20:00.000Z');
const verdict = { at: '2026-11-22T04:20:00.000Z', step: 0, outcome: 'wait', numbers: { seconds: 30 } };
const rollout = { state: 'running', step: 0, steps: [{ weight: 20, seconds: 60 }], verdict, history: [] } as unknown as Details;

describe('a rollout', () => {
    it('says how long its step still bakes', () => {
        expect(left(rollout, AT + 10_000)).toBe(20_000);
        expect(left(rollout, AT + 60_000)).toBe(0);
        expect(left({ ...rollout, state: 'paused' }, AT)).toBeNull();
        const next = { ...rollout, step: 1, steps: [...rollout.steps, { weight: 50, seconds: 9 }] };
        expect(left(next, AT)).toBeNull();
        const begun = { ...verdict, step: 1, outcome: 'shift', at: '2026-11-22T04:20:02.000Z' } as Details['history'][number];
        expect(left({ ...next, history: [begun] }, AT + 5000)).toBe(6000);
    });

    it('counts no pause: after one the next look says how long', () => {
        const [paused, resumed] = ['pause', 'resume'].map(outcome => ({ ...verdict, outcome, at: '2026-11-22T04:20:10.000Z' }) as Details['history'][number]);
        const went = { ...rollout, history: [paused!, resumed!] };
        expect(left(went, AT + 20_000)).toBeNull();
        const seen = { ...rollout.verdict!, at: '2026-11-22T04:20:20.000Z' };
        expect(left({ ...went, verdict: seen }, AT + 20_000)).toBe(30_000);
    });

    it('compares evidence by factors', () => {
        expect(nearness(1, 600)).toBe(0);
        expect(nearness(0.2, 600)).toBe(0);
        expect(nearness(600, 600)).toBe(1);
        expect(nearness(Math.sqrt(600), 600)).toBeCloseTo(0.5);
    });

    it('writes shares without noise', () => expect([share(2.5), share(20), share(0.30000000000000004)]).toEqual(['2.5 %', '20 %', '0.3 %']));
});
