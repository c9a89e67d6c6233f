import type { Schema } from '@/api/query';

export type Rollout = Schema<'RolloutView'>;
export type Details = Schema<'RolloutDetails'>;
export type Verdict = Details['history'][number];

export const isOpen = (state: string): boolean => state === 'running' || state === 'paused';

// Milliseconds until the present step has baked; null when nobody can say. Since the last look it went on, and before
// the first one since it began; a pause counts for nothing, so after one the next look has to say.
export function left(of: Details, now: number): number | null {
    const step = of.steps[of.step];
    if (of.state !== 'running' || !step) {
        return null;
    }
    const began = of.history.findLast(one => ['shift', 'pause', 'resume'].includes(one.outcome));
    const seen = of.verdict?.step === of.step && (!began || of.verdict.at > began.at) ? of.verdict : null;
    const baked = seen?.numbers ? seen.numbers.seconds * 1000 + (now - Date.parse(seen.at)) : began?.outcome === 'shift' && began.step === of.step ? now - Date.parse(began.at) : null;
    return baked === null ? null : Math.max(0, step.seconds * 1000 - baked);
}

// How near a test is to speaking, from 0 to 1: wealth grows by factors, so its logarithm is what people can compare.
export const nearness = (wealth: number, needed: number): number => Math.min(1, Math.max(0, Math.log(Math.max(wealth, 1)) / Math.log(needed)));

export const TESTS: Record<string, string> = {
    errors: 'Errors above the limit',
    slow: 'Slow answers above the limit',
    health: 'Health below the limit',
    errors_live: 'More errors than the live version',
    refused_live: 'More missing pages than the live version',
    slow_live: 'Slower than the live version',
};

export const share = (weight: number): string => `${Number(weight.toFixed(2))} %`;
