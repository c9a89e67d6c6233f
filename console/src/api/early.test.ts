import { beforeEach, describe, expect, it, vi } from 'vitest';

const part = (said: object) => btoa(JSON.stringify(said)).replaceAll('=', '');
const token = (seconds: number) => `a.${part({ sub: 'usr_1', exp: Math.floor(Date.now() / 1000) + seconds })}.c`;

const kept = vi.hoisted(() => ({ access: '' }));
vi.mock('./session', () => ({ session: () => (kept.access ? { access: kept.access, refresh: 'r' } : null) }));
vi.mock('./config', () => ({ config: () => Promise.resolve({ api: 'https://api.example' }) }));

const asked = vi.fn((..._: unknown[]) => Promise.resolve(new Response('{}')));
vi.stubGlobal('fetch', asked);

const { begin, taken } = await import('./early');

beforeEach(() => asked.mockClear());

describe('what is asked before the page is there', () => {
    it('is given once, to whom it was asked for', async () => {
        kept.access = token(60);
        begin(['/v1/me']);
        expect(await taken('/v1/me', kept.access)).toBeInstanceOf(Response);
        expect(taken('/v1/me', kept.access)).toBeUndefined();
        expect(asked.mock.calls[0]![0]).toBe('https://api.example/v1/me');
    });

    it('is for nobody else', () => {
        kept.access = token(60);
        begin(['/v1/me']);
        expect(taken('/v1/me', 'another')).toBeUndefined();
        expect(taken('/v1/me', kept.access)).toBeUndefined();
    });

    it('is old after a while', () => {
        vi.useFakeTimers();
        kept.access = token(60);
        begin(['/v1/me']);
        vi.advanceTimersByTime(11_000);
        expect(taken('/v1/me', kept.access)).toBeUndefined();
        vi.useRealTimers();
    });

    it.each([['nobody', ''], ['a token that is over', token(-1)]])('is not asked for %s', async (_, access) => {
        kept.access = access;
        begin(['/v1/me']);
        await Promise.resolve();
        expect(asked).not.toHaveBeenCalled();
    });
});
