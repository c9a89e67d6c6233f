import { renew } from '../api/client';
import { config } from '../api/config';
import { account, onSession, session } from '../api/session';
import { ANSWER, LINGER, over, pause, QUIET, QUIET_HIDDEN, RENEW } from './pace';

// One live connection for all that is on the screen. After a loss it comes back by itself, asks for everything it
// followed before (logs from the last line that came), and tells who listens that they may have missed something.

export type State = 'off' | 'connecting' | 'open' | 'lost';

export type Message =
    | { type: 'log'; deployment: string; lines: Line[] }
    | { type: 'deployment'; deployment: Record<string, unknown> & { id: string; project: string } }
    | { type: 'changed'; team: string | null; project: string | null; what: string; id: string; at: string }
    | { type: 'subscribed' | 'unsubscribed'; team?: string; deployment?: string; installation?: true }
    | { type: 'pong' }
    | { type: 'error'; code: string; detail: string; team?: string; deployment?: string; installation?: true };

export interface Line {
    n: number;
    t: number;
    level: string;
    stage: string;
    text: string;
}

type Wish = { team: string } | { installation: true } | { deployment: string; after: () => number };
type Timer = ReturnType<typeof setTimeout> | undefined;

const wishes = new Map<symbol, Wish>();
const hearers = new Set<(message: Message) => void>();
const missed = new Set<() => void>();
const watchers = new Set<() => void>();

let socket: WebSocket | undefined;
let opening = false;
let state: State = 'off';
let tries = 0;
let lost = false;
let refused: string | undefined;
let whose = '';
let renewed = Number.NEGATIVE_INFINITY;
let again: Timer;
let quiet: Timer;
let leaving: Timer;

export const liveState = (): State => state;

export function onState(told: () => void): () => void {
    watchers.add(told);
    return () => watchers.delete(told);
}

export function hear(told: (message: Message) => void): () => void {
    hearers.add(told);
    return () => hearers.delete(told);
}

// Called after a connection that was lost is back: what came in between has to be asked for.
export function onMissed(told: () => void): () => void {
    missed.add(told);
    return () => missed.delete(told);
}

export function follow(wish: Wish): () => void {
    const key = Symbol('wish');
    clearTimeout(leaving);
    wishes.set(key, wish);
    if (socket?.readyState === WebSocket.OPEN) {
        ask(wish);
    } else if (state !== 'lost') {
        void open();
    }
    return () => {
        if (!wishes.delete(key)) {
            return;
        }
        if (wishes.size === 0) {
            leaving = setTimeout(close, LINGER);
        }
        if (![...wishes.values()].some(other => named(other) === named(wish))) {
            say({ action: 'unsubscribe', ...subject(wish) });
        }
    };
}

function subject(wish: Wish): Record<string, string | true> {
    if ('installation' in wish) {
        return { installation: true };
    }
    return 'team' in wish ? { team: wish.team } : { deployment: wish.deployment };
}

const named = (wish: Wish): string => String(Object.values(subject(wish))[0]);

function become(next: State): void {
    if (state !== next) {
        state = next;
        watchers.forEach(told => told());
    }
}

function say(words: Record<string, unknown>): void {
    if (socket?.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify(words));
    }
}

function ask(wish: Wish): void {
    say({ action: 'subscribe', ...subject(wish), ...('after' in wish ? { after: wish.after() } : {}) });
}

async function open(): Promise<void> {
    if (socket || opening || !session() || !wishes.size) {
        return;
    }
    opening = true;
    clearTimeout(again);
    become(lost ? 'lost' : 'connecting');
    try {
        const token = await fresh();
        const { live } = await config();
        if (token && wishes.size) {
            connect(`${live}?token=${encodeURIComponent(token)}`, token);
        } else {
            become('off');
        }
    } catch {
        later();
    } finally {
        opening = false;
    }
}

// A token that is good: one that is over, or that the last connection was refused with, is renewed first.
async function fresh(): Promise<string | undefined> {
    const token = session()?.access;
    if (!token) {
        return undefined;
    }
    const ends = over(token);
    const spent = ends > 0 && ends * 1000 < Date.now() + 10_000;
    const doubted = token === refused && performance.now() - renewed > RENEW;
    if (spent || doubted) {
        renewed = performance.now();
        await renew(token);
    }
    return session()?.access;
}

function connect(address: string, token: string): void {
    const made = new WebSocket(address);
    let opened = false;
    socket = made;
    whose = account();
    made.onopen = () => {
        opened = true;
        tries = 0;
        refused = undefined;
        become('open');
        listen();
        wishes.forEach(ask);
        if (lost) {
            lost = false;
            missed.forEach(told => told());
        }
    };
    made.onmessage = event => {
        if (socket === made) {
            listen();
            heard(String(event.data));
        }
    };
    made.onclose = () => {
        if (socket === made) {
            // a browser does not say with which status a handshake was refused
            refused = opened ? undefined : token;
            drop();
        }
    };
}

function heard(text: string): void {
    let message: Message;
    try {
        message = JSON.parse(text) as Message;
    } catch {
        return;
    }
    if (message.type !== 'pong') {
        hearers.forEach(told => told(message));
    }
}

// Nothing came for a while: ask whether anybody is there, and take silence for a dead connection.
function listen(): void {
    clearTimeout(quiet);
    quiet = setTimeout(probe, document.visibilityState === 'hidden' ? QUIET_HIDDEN : QUIET);
}

function probe(): void {
    if (socket?.readyState === WebSocket.OPEN) {
        say({ action: 'ping' });
        clearTimeout(quiet);
        quiet = setTimeout(drop, ANSWER);
    }
}

// The connection is gone, whether or not the browser has noticed.
function drop(): void {
    const dead = socket;
    socket = undefined;
    clearTimeout(quiet);
    dead?.close();
    lost = true;
    if (wishes.size && session()) {
        become('lost');
        later();
    } else {
        become('off');
    }
}

function later(): void {
    lost = true;
    become('lost');
    clearTimeout(again);
    again = setTimeout(() => void open(), pause(tries));
    tries += 1;
}

function close(): void {
    clearTimeout(again);
    clearTimeout(quiet);
    const ended = socket;
    socket = undefined;
    lost = false;
    tries = 0;
    ended?.close();
    become('off');
}

// Somebody is back: at the page, or in the net. What was waiting waits no longer, and what looks open is asked.
function back(): void {
    if (document.visibilityState === 'hidden') {
        return;
    }
    if (socket) {
        probe();
    } else if (wishes.size) {
        tries = 0;
        void open();
    }
}

addEventListener('online', back);
document.addEventListener('visibilitychange', back);
onSession(() => {
    if (!session() || (socket && account() !== whose)) {
        // what comes over it is for whoever opened it
        close();
    }
    if (!socket && wishes.size) {
        void open();
    }
});
