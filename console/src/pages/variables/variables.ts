import type { Schema } from '@/api/query';

export type Variable = Schema<'VariableView'>;
export type Effective = Schema<'EffectiveView'>;
export type When = Variable['when'];

export const ALL = 'all';

export const TIMES: { value: When; label: string }[] = [
    { value: 'both', label: 'While building and running' },
    { value: 'build', label: 'While building only' },
    { value: 'run', label: 'While running only' },
];

export const WHENS: Record<When, string> = { both: 'build and run', build: 'build', run: 'run' };

// To what a variable belongs, in words.
export function scope(one: { environment: string; branch: string | null }): string {
    const where = one.environment === ALL ? 'all environments' : one.environment;
    return one.branch ? `${where}, branch ${one.branch}` : where;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

// What is wrong with a name, before the API is asked; it knows more that are reserved.
export function nameFault(name: string): string | null {
    if (!name) {
        return null;
    }
    return NAME.test(name) ? null : 'Letters, digits and _, at most 128, no digit first.';
}

// Where a value comes from, and what stands behind it.
export function explained(one: Effective): string {
    const from = { system: 'every build has it', all: 'set for all environments', environment: `set for ${one.environment ?? ''}`, branch: `set for the branch ${one.branch ?? ''}` }[one.source];
    const behind = one.overrides.map(layer => (layer.branch ? `branch ${layer.branch}` : layer.environment === ALL ? 'all environments' : layer.environment));
    return behind.length ? `${from}, before that of ${behind.join(' and ')}` : from;
}

export const HIDDEN: Record<string, string> = {
    secret: 'secret: never shown again',
    deployment: 'each deployment has its own',
    permission: 'your role may not see it',
};

// How many branches each name has, for the filter.
export function branches(all: Variable[]): string[] {
    return [...new Set(all.flatMap(one => (one.branch ? [one.branch] : [])))].sort();
}
