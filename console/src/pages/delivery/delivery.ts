import type { Schema } from '@/api/query';

export type Delivery = Required<Schema<'DeliverySettings-Input'>>;
export type Step = NonNullable<Delivery['steps']>[number];
export type Match = NonNullable<Delivery['match']>;
export type Judge = NonNullable<Delivery['judge']>;
export type Check = Delivery['checks'][number];
export type Freeze = Delivery['freezes'][number];

export const STRATEGIES = [
    { value: 'instant', label: 'At once', description: 'Everybody sees a release the moment it is ready.' },
    { value: 'blue-green', label: 'Blue-green', description: '5 % for 5 minutes, half for 5 minutes, then everybody.' },
    { value: 'canary', label: 'Canary', description: '5, 25 and 50 % for 5 minutes each, then everybody.' },
] as const;

export const OWN_STEPS: Record<string, Step[]> = {
    'blue-green': [{ weight: 5, seconds: 300 }, { weight: 50, seconds: 300 }, { weight: 100, seconds: 0 }],
    canary: [{ weight: 5, seconds: 300 }, { weight: 25, seconds: 300 }, { weight: 50, seconds: 300 }, { weight: 100, seconds: 0 }],
};

export const JUDGE = { error_rate: 0.05, p95_ms: 1000, health: 70, min_requests: 200, false_abort: 0.01, max_seconds: 3600, when_silent: 'go_on' } as const;

// What a project says, with the defaults where it says nothing.
export function whole(kept: Schema<'ProjectView'>['delivery']): Delivery {
    return {
        strategy: kept.strategy ?? 'instant', steps: kept.steps ?? null, match: kept.match ?? null, judge: kept.judge ?? null, checks: (kept.checks ?? []).map(one => ({ path: one.path, status: one.status ?? 200 })),
        keep_seconds: kept.keep_seconds ?? 3600, skew_seconds: kept.skew_seconds ?? 0, approvals: kept.approvals ?? 0, approvers: kept.approvers ?? 'developers', freezes: kept.freezes ?? [],
    };
}

// What is wrong with steps, by number; the API decides in the end.
export function stepFault(steps: Step[], index: number): string | null {
    const step = steps[index];
    if (!step) {
        return null;
    }
    if (step.weight < 0 || step.weight > 100) {
        return 'Between 0 and 100.';
    }
    return index > 0 && step.weight < (steps[index - 1]?.weight ?? 0) ? 'Weights never fall.' : null;
}

const NAMES: Record<string, string> = { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' };
const DAYS = Object.keys(NAMES);
const LIST = new Intl.ListFormat('en');

const minute = (moment: string | null | undefined): string => (moment ?? '').slice(0, 16);

// A freeze in words: when nothing goes live, and why.
export function freezeWords(freeze: Freeze): string {
    const zone = freeze.timezone && freeze.timezone !== 'UTC' ? ` (${freeze.timezone})` : ' (UTC)';
    if (freeze.weekly) {
        const { days, from, to } = freeze.weekly;
        return `Every ${LIST.format(days.map(day => NAMES[day] ?? day))} from ${from} to ${to}${to <= from ? ' of the next day' : ''}${zone}`;
    }
    return `From ${minute(freeze.from).replace('T', ' ')} to ${minute(freeze.to).replace('T', ' ')}${zone}`;
}

// What a clock in a time zone shows, as `2026-12-24T12:00`, and the day of its week (0 is Monday).
function clock(timezone: string, now: Date): { wall: string; day: number } {
    const wall = now.toLocaleString('sv', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' }).replace(' ', 'T');
    return { wall, day: (new Date(`${wall.slice(0, 10)}T00:00Z`).getUTCDay() + 6) % 7 };
}

// Whether a window is open at a moment, was, or will be; every week comes again.
export function freezeState(freeze: Freeze, now = new Date()): 'now' | 'over' | 'to come' {
    const { wall, day } = clock(freeze.timezone || 'UTC', now);
    if (!freeze.weekly) {
        return wall < minute(freeze.from) ? 'to come' : wall < minute(freeze.to) ? 'now' : 'over';
    }
    const { days, from, to } = freeze.weekly;
    const time = wall.slice(11);
    const has = (index: number) => days.includes(DAYS[(index + 7) % 7] as (typeof days)[number]);
    const night = to <= from;
    const on = (has(day) && time >= from && (night || time < to)) || (night && has(day - 1) && time < to);
    return on ? 'now' : 'to come';
}
