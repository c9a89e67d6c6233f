import { config } from '../api/config';
import { session } from '../api/session';

// One live connection for all that is on the screen. After a loss it comes back by itself, asks for everything it
// followed before (logs from the last line that came), and tells who listens that they may have missed something.

export type State = 'off' | 'connecting' | 'open' | 'lost';

export type Message =
    | { type: 'log'; deployment: string; lines: Line[] }
    | { type: 'deployment'; deployment: Record<string, unknown> & { id: string; project: string } }
    | { type: 'changed'; team: string; project: string | null; what: string; id: string; at: string }
    | { type: 'subscribed'; team?: string; deployment?: string }
    | { type: 'error'; code: string; detail: string };

export interface Line {
    n: number;
    t: number;
    level: string;
    stage: string;
    text: string;
}

type Wish = { team: string } | { deployment: string; after: () => number };

const FIRST_MS = 500;
const MOST_MS = 15_000;

const wishes = new Map<symbol, Wish>();
const hearers = new Set<(message: Message) => void>();
const missed = new Set<() => void>();
const watchers = new Set<() => void>();

let socket: WebSocket | undefined;
let state: State = 'off';
let waited = FIRST_MS;
let again: ReturnType<typeof setTimeout> | undefined;
let lost = false;

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
    wishes.set(key, wish);
    if (socket?.readyState === WebSocket.OPEN) {
        ask(wish);
    } else {
        void open();
    }
    return () => {
        wishes.delete(key);
        if (wishes.size === 0) {
            close();
        }
    };
}

function become(next: State): void {
    state = next;
    watchers.forEach(told => told());
}

function ask(wish: Wish): void {
    const wanted = 'team' in wish ? { team: wish.team } : { deployment: wish.deployment, after: wish.after() };
    socket?.send(JSON.stringify({ action: 'subscribe', ...wanted }));
}

async function open(): Promise<void> {
    const token = session()?.access;
    if (socket || !token || !wishes.size) {
        return;
    }
    become('connecting');
    const { live } = await config();
    if (socket) {
        return;
    }
    const made = new WebSocket(`${live}?token=${encodeURIComponent(token)}`);
    socket = made;
    made.onopen = () => {
        waited = FIRST_MS;
        become('open');
        wishes.forEach(ask);
        if (lost) {
            lost = false;
            missed.forEach(told => told());
        }
    };
    made.onmessage = event => {
        const message = JSON.parse(event.data) as Message;
        hearers.forEach(told => told(message));
    };
    made.onclose = () => {
        if (socket !== made) {
            return;
        }
        socket = undefined;
        lost = true;
        if (!wishes.size) {
            become('off');
            return;
        }
        become('lost');
        clearTimeout(again);
        again = setTimeout(() => void open(), waited * (0.75 + Math.random() / 2));
        waited = Math.min(waited * 2, MOST_MS);
    };
}

function close(): void {
    clearTimeout(again);
    const open = socket;
    socket = undefined;
    lost = false;
    open?.close();
    become('off');
}

addEventListener('online', () => void open());
