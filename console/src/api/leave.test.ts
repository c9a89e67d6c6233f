import { expect, test, vi } from 'vitest';

const keep = vi.fn();
const post = vi.fn();
vi.mock('./session', () => ({ keep: (tokens: unknown) => keep(tokens) }));
vi.mock('./client', () => ({ api: { POST: (path: string) => post(path) } }));

test.each([
    ['answers', () => Promise.resolve()],
    ['refuses', () => Promise.reject(new Error())],
    ['is silent', () => new Promise(() => undefined)],
])('signing out ends the session here, whether or not the API %s', async (_, answer) => {
    vi.useFakeTimers();
    keep.mockReset();
    post.mockReset().mockImplementation(answer);
    const { leave } = await import('./leave');
    const left = leave();
    expect(keep).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3000);
    await left;
    expect(post).toHaveBeenCalledWith('/v1/auth/logout');
    expect(keep).toHaveBeenCalledWith(null);
    vi.useRealTimers();
});
