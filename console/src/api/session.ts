import { useSyncExternalStore } from 'react';

// Who is signed in at this browser. Tabs share one session, so that a link opens where one is at home already;
// the console's own origin serves nothing but the console, and its policy runs no script of anybody else.
const KEPT = 'clouddeck.session';

export interface Session {
    access: string;
    refresh: string;
}

const listeners = new Set<() => void>();

function read(): string | null {
    return localStorage.getItem(KEPT);
}

export function session(): Session | null {
    const kept = read();
    return kept ? (JSON.parse(kept) as Session) : null;
}

export function keep(tokens: { access_token: string; refresh_token: string } | null): void {
    if (tokens) {
        localStorage.setItem(KEPT, JSON.stringify({ access: tokens.access_token, refresh: tokens.refresh_token }));
    } else {
        localStorage.removeItem(KEPT);
    }
    listeners.forEach(told => told());
}

addEventListener('storage', event => {
    if (event.key === KEPT || event.key === null) {
        listeners.forEach(told => told());
    }
});

export function onSession(told: () => void): () => void {
    listeners.add(told);
    return () => listeners.delete(told);
}

export function useSignedIn(): boolean {
    return useSyncExternalStore(onSession, read) !== null;
}
