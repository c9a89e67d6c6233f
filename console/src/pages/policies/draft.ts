import type { Schema } from '@/api/query';

// A policy while somebody writes it: the form's fields, and what the API gets of them.

export type Sent = Schema<'PolicyInput'>;

export interface Draft {
    name: string;
    description: string;
    form: 'fields' | 'cedar';
    effect: 'deny' | 'allow_only';
    roles: string[];
    resources: string[];
    actions: string[];
    days: string[];
    from: string;
    to: string;
    timezone: string;
    mfa: '' | 'with' | 'without';
    age: number | '';
    cidrs: string[];
    environments: string[];
    cedar: string;
}

export const ROLES = ['owner', 'admin', 'developer', 'billing', 'viewer', 'guest', 'deploy_key'];
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export const BLANK: Draft = {
    name: '', description: '', form: 'fields', effect: 'deny', roles: [], resources: [], actions: [],
    days: [], from: '', to: '', timezone: '', mfa: '', age: '', cidrs: [], environments: [],
    cedar: 'forbid (principal, action in [Action::"deployment.*"], resource)\nwhen { context has environment && context.environment == "production" };',
};

interface Conditions {
    time?: { days?: string[]; from?: string; to?: string; timezone?: string };
    mfa?: { required?: boolean; max_age_minutes?: number };
    network?: { cidrs: string[] };
    environment?: string[];
}

// What is there, as the form has it. One that was written as Cedar stays Cedar.
export function draftOf(policy: Schema<'PolicyView'>): Draft {
    const { time, mfa, network, environment } = policy.conditions as Conditions;
    return {
        ...BLANK,
        name: policy.name,
        description: policy.description,
        form: policy.raw ? 'cedar' : 'fields',
        cedar: policy.cedar,
        effect: policy.effect ?? 'deny',
        roles: policy.roles,
        resources: policy.resources,
        actions: policy.actions,
        days: time?.days ?? [],
        from: time?.from ?? '',
        to: time?.to ?? '',
        timezone: time?.timezone ?? '',
        mfa: mfa ? (mfa.required === false ? 'without' : 'with') : '',
        age: mfa?.max_age_minutes ?? '',
        cidrs: network?.cidrs ?? [],
        environments: environment ?? [],
    };
}

// Only what was filled in: what is left out matches everything, and asks for nothing.
export function sentOf(draft: Draft): Sent {
    const description = draft.description.trim();
    const told = description ? { description } : {};
    if (draft.form === 'cedar') {
        return { ...told, cedar: draft.cedar };
    }
    const conditions: Sent['conditions'] = {};
    if (draft.days.length || draft.from || draft.to) {
        conditions.time = {
            ...(draft.days.length ? { days: draft.days as never } : {}),
            ...(draft.from ? { from: draft.from } : {}),
            ...(draft.to ? { to: draft.to } : {}),
            ...(draft.timezone ? { timezone: draft.timezone } : {}),
        };
    }
    if (draft.mfa) {
        conditions.mfa = { required: draft.mfa === 'with', ...(draft.mfa === 'with' && draft.age !== '' ? { max_age_minutes: draft.age } : {}) };
    }
    if (draft.cidrs.length) {
        conditions.network = { cidrs: draft.cidrs };
    }
    if (draft.environments.length) {
        conditions.environment = draft.environments;
    }
    return {
        ...told,
        effect: draft.effect,
        ...(draft.roles.length ? { roles: draft.roles } : {}),
        ...(draft.resources.length ? { resources: draft.resources } : {}),
        ...(draft.actions.length ? { actions: draft.actions } : {}),
        ...(Object.keys(conditions).length ? { conditions } : {}),
    };
}
