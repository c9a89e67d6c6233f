import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANSWER, LINGER, MOST, over, pause, QUIET, QUIET_HIDDEN } from './pace';

class Fake {
    static OPEN = 1;
    static all: Fake[] = [];
    readyState = 0;
    sent: Record<string, unknown>[] = [];
    onopen?: () => void;
    onclose?: () => void;
    onmessage?: (event: { data: string }) => void;

    constructor(readonly url: string) {
        Fake.all.push(this);
    }

    send(text: string): void {
        this.sent.push(JSON.parse(text) as Record<string, unknown>);
    }

    close(): void {
        this.readyState = 3;
    }

    accept(): void {
        this.readyState = 1;
        this.onopen?.();
    }

    die(): void {
        this.readyState = 3;
        this.onclose?.();
    }

    say(message: unknown): void {
        this.onmessage?.({ data: JSON.stringify(message) });
    }
}

const renew = vi.fn<(spent: string) => Promise<void>>();
let tokens: { access: string; refresh: string } | null;
let person = 'usr_a';
let sessionTold: () => void;
vi.mock('../api/client', () => ({ renew: (spent: string) => renew(spent) }));
vi.mock('../api/config', () => ({ config: () => Promise.resolve({ api: 'http://api', live: 'ws://live' }) }));
vi.mock('../api/session', () => ({
    session: () => tokens,
    account: () => (tokens ? person : ''),
    onSession: (told: () => void) => {
        sessionTold = told;
        return () => undefined;
    },
}));

const token = (name: string, seconds = 3600) => `${name}.${btoa(JSON.stringify({ exp: Date.now() / 1000 + seconds }))}.s`;
const settle = () => vi.advanceTimersByTimeAsync(0);
const last = () => Fake.all.at(-1)!;
let net: EventTarget;
let page: EventTarget & { visibilityState: string };
let live: typeof import('./socket');

beforeEach(async () => {
    vi.useFakeTimers();
    vi.resetModules();
    vi.stubGlobal('WebSocket', Fake);
    net = new EventTarget();
    page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    vi.stubGlobal('document', page);
    vi.stubGlobal('addEventListener', net.addEventListener.bind(net));
    Fake.all = [];
    tokens = { access: token('a'), refresh: 'r' };
    renew.mockReset().mockImplementation(() => {
        tokens = { access: token('b'), refresh: 'r2' };
        return Promise.resolve();
    });
    live = await import('./socket');
});

afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

function look(state: string): void {
    page.visibilityState = state;
    page.dispatchEvent(new Event('visibilitychange'));
}

async function connected(): Promise<Fake> {
    await settle();
    last().accept();
    return last();
}

test('it subscribes once it is open, and says what it was told', async () => {
    const heard = vi.fn();
    live.hear(heard);
    live.follow({ team: 'team_1' });
    expect(live.liveState()).toBe('connecting');
    const socket = await connected();
    expect(live.liveState()).toBe('open');
    expect(socket.url).toContain('ws://live?token=a.');
    expect(socket.sent).toEqual([{ action: 'subscribe', team: 'team_1' }]);
    socket.say({ type: 'changed', what: 'project' });
    socket.say({ type: 'pong' });
    socket.onmessage?.({ data: 'no json' });
    expect(heard).toHaveBeenCalledExactlyOnceWith({ type: 'changed', what: 'project' });
});

test('after a loss it goes on from the last line, and says that something may be missing', async () => {
    const missing = vi.fn();
    live.onMissed(missing);
    let n = 3;
    live.follow({ deployment: 'dpl_1', after: () => n });
    const first = await connected();
    expect(missing).not.toHaveBeenCalled();
    n = 17;
    first.die();
    expect(live.liveState()).toBe('lost');
    await vi.advanceTimersByTimeAsync(1000);
    expect(Fake.all.length).toBe(2);
    last().accept();
    expect(last().sent).toEqual([{ action: 'subscribe', deployment: 'dpl_1', after: 17 }]);
    expect(missing).toHaveBeenCalledOnce();
});

test('it waits longer each time, and never in step with others', () => {
    expect([0, 1, 2, 3].map(tries => pause(tries, () => 0.5))).toEqual([500, 1000, 2000, 4000]);
    expect(pause(40, () => 1)).toBe(MOST * 1.5);
    expect(pause(0, () => 0)).toBe(250);
});

test('a server that stays away is not stormed', async () => {
    live.follow({ team: 'team_1' });
    await connected();
    last().die();
    for (let second = 0; second < 300; second += 1) {
        await vi.advanceTimersByTimeAsync(1000);
        if (last().readyState === 0) {
            last().die();
        }
    }
    expect(Fake.all.length).toBeGreaterThan(8);
    expect(Fake.all.length).toBeLessThan(30);
});

test('a token that is over is renewed before connecting', async () => {
    tokens = { access: token('old', -5), refresh: 'r' };
    const spent = tokens.access;
    live.follow({ team: 'team_1' });
    await settle();
    expect(renew).toHaveBeenCalledExactlyOnceWith(spent);
    expect(last().url).toContain('token=b.');
});

test('a refused handshake has the token renewed, and not all the time', async () => {
    live.follow({ team: 'team_1' });
    await settle();
    last().die();
    await vi.advanceTimersByTimeAsync(2000);
    expect(renew).toHaveBeenCalledOnce();
    for (let second = 0; second < 40; second += 1) {
        last().die();
        await vi.advanceTimersByTimeAsync(1000);
    }
    expect(renew).toHaveBeenCalledOnce();
});

test('who cannot renew now tries later, and who is signed out does not', async () => {
    tokens = { access: token('old', -5), refresh: 'r' };
    renew.mockRejectedValueOnce(new Error('away'));
    live.follow({ team: 'team_1' });
    await settle();
    expect(Fake.all.length).toBe(0);
    expect(live.liveState()).toBe('lost');
    await vi.advanceTimersByTimeAsync(1000);
    expect(Fake.all.length).toBe(1);
    last().accept();
    tokens = null;
    sessionTold();
    expect(live.liveState()).toBe('off');
    expect(last().readyState).toBe(3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Fake.all.length).toBe(1);
});

test('silence is answered by a ping, and more silence by another connection', async () => {
    live.follow({ team: 'team_1' });
    const socket = await connected();
    await vi.advanceTimersByTimeAsync(QUIET);
    expect(socket.sent.at(-1)).toEqual({ action: 'ping' });
    socket.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(QUIET);
    expect(socket.sent.filter(said => said.action === 'ping').length).toBe(2);
    await vi.advanceTimersByTimeAsync(ANSWER);
    expect(live.liveState()).toBe('lost');
    await vi.advanceTimersByTimeAsync(1000);
    expect(Fake.all.length).toBe(2);
});

test('a hidden page is quiet, and asks at once when somebody looks', async () => {
    live.follow({ team: 'team_1' });
    const socket = await connected();
    look('hidden');
    socket.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(QUIET_HIDDEN - 1000);
    expect(socket.sent.length).toBe(1);
    look('visible');
    expect(socket.sent.at(-1)).toEqual({ action: 'ping' });
});

test('back in the net it does not wait', async () => {
    live.follow({ team: 'team_1' });
    await connected();
    for (let n = 0; n < 6; n += 1) {
        last().die();
        await vi.advanceTimersByTimeAsync(45_000);
    }
    last().die();
    const before = Fake.all.length;
    net.dispatchEvent(new Event('online'));
    await settle();
    expect(Fake.all.length).toBe(before + 1);
});

test('from one page to the next the connection stays; when nobody follows any more it ends', async () => {
    const end = live.follow({ team: 'team_1' });
    const socket = await connected();
    end();
    const other = live.follow({ team: 'team_2' });
    await vi.advanceTimersByTimeAsync(LINGER * 2);
    expect(socket.sent).toEqual([
        { action: 'subscribe', team: 'team_1' },
        { action: 'unsubscribe', team: 'team_1' },
        { action: 'subscribe', team: 'team_2' },
    ]);
    expect(socket.readyState).toBe(1);
    other();
    other();
    await vi.advanceTimersByTimeAsync(LINGER);
    expect(socket.readyState).toBe(3);
    expect(live.liveState()).toBe('off');
});

test('two who follow the same end it once', async () => {
    const first = live.follow({ team: 'team_1' });
    live.follow({ team: 'team_1' });
    const socket = await connected();
    first();
    expect(socket.sent.some(said => said.action === 'unsubscribe')).toBe(false);
});

test('what a token says of its end', () => {
    expect(over(token('a', 60))).toBeGreaterThan(Date.now() / 1000);
    expect([over('nonsense'), over('a.b.c'), over('')]).toEqual([0, 0, 0]);
});

test('what was opened by one account says nothing to the next', async () => {
    live.follow({ team: 'team_1' });
    await settle();
    const first = last();
    first.accept();
    tokens = { access: token('other'), refresh: 'other' };
    person = 'usr_b';
    sessionTold();
    await settle();
    expect(first.readyState).toBe(3);
    expect(last()).not.toBe(first);
    expect(last().url).toContain('other');
    person = 'usr_a';
});
