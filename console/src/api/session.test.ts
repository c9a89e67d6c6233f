import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// One browser: a store that tabs share, locks, and an API that counts.
const kept = new Map<string, string>();
let tab: EventTarget;
const reload = vi.fn();
let answers: (path: string, token: string, body: string) => { status: number; body: unknown; headers?: Record<string, string> };
let asked: string[];

const token = (who: string, n = 0) => `h.${btoa(JSON.stringify({ sub: who, n }))}.s`;
const tokens = (who: string, n = 0) => ({ access_token: token(who, n), refresh_token: `${who}-${n}` });
const elsewhere = (found: ReturnType<typeof tokens> | null) => {
    if (found) {
        kept.set('clouddeck.session', JSON.stringify({ access: found.access_token, refresh: found.refresh_token }));
    } else {
        kept.delete('clouddeck.session');
    }
};
const heard = () => tab.dispatchEvent(Object.assign(new Event('storage'), { key: 'clouddeck.session' }));

let line: Promise<unknown>;

beforeEach(() => {
    kept.clear();
    tab = new EventTarget();
    asked = [];
    line = Promise.resolve();
    reload.mockReset();
    vi.resetModules();
    vi.stubGlobal('localStorage', {
        getItem: (name: string) => kept.get(name) ?? null,
        setItem: (name: string, value: string) => kept.set(name, value),
        removeItem: (name: string) => kept.delete(name),
    });
    vi.stubGlobal('addEventListener', tab.addEventListener.bind(tab));
    vi.stubGlobal('location', { origin: 'http://console.test', reload });
    vi.stubGlobal('navigator', {
        locks: {
            request: (_: string, work: () => Promise<unknown>) => (line = line.then(work, work)),
        },
    });
    vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
        if (String(address).endsWith('/config.json')) {
            return Response.json({ api: 'http://api.test', live: 'ws://api.test' });
        }
        const path = new URL(address).pathname;
        asked.push(path);
        const given = new Headers(init?.headers).get('Authorization')?.slice(7) ?? '';
        await new Promise(done => setTimeout(done, 1));
        const { status, body, headers } = answers(path, given, String(init?.body ?? ''));
        return Response.json(body, { status, headers });
    });
});

afterEach(() => {
    vi.unstubAllGlobals();
});

test('many questions with a token that is over renew it once', async () => {
    const { keep, session } = await import('./session');
    const { api } = await import('./client');
    keep(tokens('usr_a'));
    answers = (path, given) => {
        if (path === '/v1/auth/refresh') {
            return { status: 200, body: tokens('usr_a', 1) };
        }
        return given === token('usr_a', 1) ? { status: 200, body: {} } : { status: 401, body: { code: 'token_expired' } };
    };
    await Promise.all(Array.from({ length: 30 }, () => api.GET('/v1/me')));
    expect(asked.filter(path => path === '/v1/auth/refresh')).toHaveLength(1);
    expect(session()?.refresh).toBe('usr_a-1');
});

test('a wrong password is tried once and costs no session', async () => {
    const { keep, session } = await import('./session');
    const { api } = await import('./client');
    keep(tokens('usr_a'));
    answers = () => ({ status: 401, body: { code: 'password_wrong' } });
    await expect(api.POST('/v1/auth/step-up', { body: { password: 'x' } as never })).rejects.toMatchObject({ code: 'password_wrong' });
    expect(asked).toEqual(['/v1/auth/step-up']);
    expect(session()).not.toBeNull();
});

test.each([
    ['out', null],
    ['in as another', tokens('usr_b')],
])('whoever signs %s while a token is renewed stays so', async (_, next) => {
    const { keep, session } = await import('./session');
    const { renew } = await import('./client');
    keep(tokens('usr_a'));
    answers = () => {
        keep(next);
        return { status: 200, body: tokens('usr_a', 1) };
    };
    await renew(token('usr_a'));
    expect(session()?.refresh).toBe(next?.refresh_token);
});

test('a request of one account is not sent again for another', async () => {
    const { keep } = await import('./session');
    const { api } = await import('./client');
    keep(tokens('usr_a'));
    answers = () => {
        keep(tokens('usr_b'));
        return { status: 401, body: { code: 'token_revoked' } };
    };
    await expect(api.POST('/v1/teams', { body: { name: 'x' } as never })).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual(['/v1/teams']);
});

test('what one account was told is not there for the next', async () => {
    const { keep } = await import('./session');
    const { queries } = await import('./query');
    keep(tokens('usr_a'));
    queries.setQueryData(['get', '/v1/me'], { name: 'a' });
    keep(tokens('usr_a', 1));
    expect(queries.getQueryData(['get', '/v1/me'])).toEqual({ name: 'a' });
    keep(tokens('usr_b'));
    expect(queries.getQueryData(['get', '/v1/me'])).toBeUndefined();
    queries.setQueryData(['get', '/v1/me'], { name: 'b' });
    keep(null);
    expect(queries.getQueryData(['get', '/v1/me'])).toBeUndefined();
});

test('the team of last time goes with the session', async () => {
    const { keep, lastTeam, rememberTeam } = await import('./session');
    rememberTeam('nobodys');
    expect(lastTeam()).toBeNull();
    keep(tokens('usr_a'));
    rememberTeam('tides');
    keep(tokens('usr_a', 1));
    expect(lastTeam()).toBe('tides');
    keep(null);
    expect(lastTeam()).toBeNull();
    expect([...kept.keys()]).toEqual([]);
});

test('another tab that signs in as somebody else makes this one begin anew', async () => {
    const { keep } = await import('./session');
    keep(tokens('usr_a'));
    elsewhere(tokens('usr_a', 1));
    heard();
    expect(reload).not.toHaveBeenCalled();
    // out and in again is one moment for a tab that was busy
    elsewhere(tokens('usr_b'));
    heard();
    expect(reload).toHaveBeenCalledOnce();
});

test('a store that somebody broke is no session', async () => {
    const { session, account } = await import('./session');
    for (const broken of ['{', '"x"', '[]', '{"access":1}', 'null']) {
        kept.set('clouddeck.session', broken);
        expect(session()).toBeNull();
        expect(account()).toBe('');
    }
});

test('too many requests are asked again when the API says so', async () => {
    const { Problem } = await import('./problem');
    const of = (after?: string) => Problem.of(Response.json({}, { status: 429, headers: after ? { 'Retry-After': after } : {} }));
    expect((await of('3')).passing).toBe(true);
    expect((await of('3')).pause(0, () => 0)).toBe(3000);
    expect((await of('3600')).passing).toBe(false);
    expect((await of()).passing).toBe(false);
});
