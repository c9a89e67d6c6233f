import type { Message } from './socket';

// What on the screen may be another now, as the beginnings of addresses of the API.
const LISTS = ['/v1/teams/{team}/overview', '/v1/teams/{team}/sites', '/v1/teams/{team}/deployments', '/v1/teams/{team}/map'];
const OF_PROJECT = ['/v1/projects/{project}', ...LISTS];

const SUBJECTS: Record<string, string[]> = {
    deployment: ['/v1/deployments/{deployment}', '/v1/projects', ...LISTS],
    pointer: ['/v1/deployments/{deployment}', '/v1/projects', ...LISTS],
    pull: ['/v1/projects/{project}/pulls', '/v1/projects/{project}/aliases'],
    rollout: OF_PROJECT,
    look: [],
    domain: ['/v1/projects/{project}/domains', '/v1/projects/{project}/map', '/v1/teams/{team}/domains'],
    variable: ['/v1/projects/{project}/env'],
    environment: ['/v1/projects/{project}'],
    member: ['/v1/teams', '/v1/projects/{project}/members', '/v1/me'],
    key: ['/v1/keys', '/v1/projects/{project}/deploy-keys'],
    policy: ['/v1/teams/{team}/policies'],
    audit: [],
    sso: ['/v1/teams/{team}/sso'],
};

// Every change is an entry of the log as well, and so of the activity; that a judge looked, or what happened at a git host, is in none.
const ALWAYS = ['/v1/teams/{team}/activity', '/v1/teams/{team}/audit'];

export function subjects(message: Message): string[] {
    if (message.type === 'deployment') {
        return SUBJECTS.deployment!;
    }
    if (message.type !== 'changed') {
        return [];
    }
    if (message.team === null) {
        return ['/v1/admin/audit'];
    }
    const known = SUBJECTS[message.what] ?? (message.project ? OF_PROJECT : ['/v1/teams', '/v1/projects']);
    return message.what === 'look' || message.what === 'pull' ? known : [...known, ...ALWAYS];
}

interface Asked {
    queryKey: readonly unknown[];
}

interface Of {
    params?: { path?: Record<string, string | undefined> };
}

// Whether a question is about one of the rollouts that a judge has looked at. That happens all the time while some run, so
// nothing else is asked again for it.
export function looked(query: Asked, rollouts: Set<string>): boolean {
    const of = (query.queryKey[2] as Of | undefined)?.params?.path?.['rollout'];
    return of !== undefined && rollouts.has(of);
}

// Whether a question has to be asked again. One about a single deployment only when it was told of: `deployments` are
// those, and none of them means any.
export function touched(query: Asked, prefixes: Set<string>, deployments: Set<string>): boolean {
    const path = String(query.queryKey[1]);
    if (![...prefixes].some(prefix => path.startsWith(prefix))) {
        return false;
    }
    const init = query.queryKey[2] as Of | undefined;
    const one = path.startsWith('/v1/deployments/{deployment}') ? init?.params?.path?.['deployment'] : undefined;
    return !one || deployments.size === 0 || deployments.has(one);
}
