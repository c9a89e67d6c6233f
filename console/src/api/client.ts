import createClient from 'openapi-fetch';
import { config } from './config';
import { taken } from './early';
import { Problem, UNREACHABLE } from './problem';
import type { paths } from './schema';
import { account, keep, session } from './session';

const SECONDS = 20;

type Prove = () => Promise<void>;
let prove: Prove | undefined;

// Who asks for a fresh proof of identity when the API wants one; see shell/StepUp.tsx.
export function proveWith(asker: Prove): void {
    prove = asker;
}

interface Letter {
    method: string;
    path: string;
    headers: Headers;
    body: string | undefined;
}

async function once(letter: Letter, token: string | undefined, signal?: AbortSignal): Promise<Response> {
    const headers = new Headers(letter.headers);
    if (token) {
        headers.set('Authorization', `Bearer ${token}`);
    }
    const early = letter.method === 'GET' ? await taken(letter.path, token)?.catch(() => undefined) : undefined;
    if (early) {
        return early;
    }
    const { api } = await config();
    const limit = AbortSignal.timeout(SECONDS * 1000);
    try {
        return await fetch(api + letter.path, {
            method: letter.method,
            headers,
            body: letter.body,
            cache: 'no-store',
            signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
    } catch (error) {
        if (signal?.aborted) {
            throw error;
        }
        throw new Problem(0, UNREACHABLE, 'The API does not answer.', 'Look at your connection; what is on the page is what was known last.');
    }
}

// Two tabs must not spend the same refresh token: whoever holds the lock renews, the others take what it got.
export async function renew(spent: string): Promise<void> {
    await navigator.locks.request('clouddeck.renew', async () => {
        const now = session();
        if (!now || now.access !== spent) {
            return;
        }
        const answer = await once(
            { method: 'POST', path: '/v1/auth/refresh', headers: new Headers({ 'Content-Type': 'application/json' }), body: JSON.stringify({ refresh_token: now.refresh }) },
            undefined,
        );
        const got = answer.ok ? await answer.json() : null;
        if (session()?.refresh !== now.refresh) {
            // meanwhile somebody signed out, or in as another: that stands
            return;
        }
        if (got) {
            keep(got);
        } else if (answer.status === 401) {
            keep(null);
        } else {
            throw await Problem.of(answer);
        }
    });
}

async function send(letter: Letter, signal?: AbortSignal): Promise<Response> {
    const whose = account();
    for (let attempt = 0; ; attempt += 1) {
        const token = session()?.access;
        const answer = await once(letter, token, signal);
        if (answer.ok) {
            return answer;
        }
        const said = await Problem.of(answer);
        if (said.status !== 401 || !token || attempt > 1) {
            throw said;
        }
        if (said.code === 'step_up_required' && prove) {
            await prove();
        } else if (said.code.startsWith('token_')) {
            await renew(token);
        } else {
            // a password or a code that was wrong is no better the second time, and each try counts
            throw said;
        }
        if (account() !== whose) {
            throw said;
        }
    }
}

async function letterOf(request: Request): Promise<Letter> {
    const { pathname, search } = new URL(request.url);
    const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : await request.text();
    return { method: request.method, path: pathname + search, headers: request.headers, body: body || undefined };
}

// Every call of the API goes through here; faults come as `Problem`. The address is known only when `config.json` was
// read, so the one that stands here is never asked.
export const api = createClient<paths>({
    baseUrl: 'https://api.invalid',
    headers: { Accept: 'application/json' },
    fetch: async request => send(await letterOf(request), request.signal),
});
