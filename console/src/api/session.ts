import { useSyncExternalStore } from 'react';
import { claims } from './claims';

// Who is signed in at this browser. Tabs share one session, so that a link opens where one is at home already;
// the console's own origin serves nothing but the console, and its policy runs no script of anybody else.
const KEPT = 'clouddeck.session';

// The team of last time is of whoever is signed in, and goes with them.
const TEAM = 'clouddeck.team';

export interface Session {
    access: string;
    refresh: string;
}

const listeners = new Set<() => void>();

function read(): string | null {
    return localStorage.getItem(KEPT);
}

export function session(): Session | null {
    try {
        const kept = JSON.parse(read() ?? 'null') as Partial<Session> | null;
        return kept?.access && kept.refresh ? { access: kept.access, refresh: kept.refresh } : null;
    } catch {
        return null;
    }
}

export function lastTeam(): string | null {
    return localStorage.getItem(TEAM);
}

export function rememberTeam(slug: string): void {
    if (read() !== null) {
        localStorage.setItem(TEAM, slug);
    }
}

// The id of whoever is signed in, or ''.
export function account(): string {
    return String(claims(session()?.access ?? '').sub ?? '');
}

export function keep(tokens: { access_token: string; refresh_token: string } | null): void {
    if (tokens) {
        localStorage.setItem(KEPT, JSON.stringify({ access: tokens.access_token, refresh: tokens.refresh_token }));
    } else {
        localStorage.removeItem(KEPT);
        localStorage.removeItem(TEAM);
    }
    shown = account();
    listeners.forEach(told => told());
}

// Another tab signed in, out, or in as somebody else. What this one shows and what was typed into it is of one account:
// for another it begins anew.
let shown = account();
addEventListener('storage', event => {
    if (event.key === KEPT || event.key === null) {
        const before = shown;
        shown = account();
        if (before && shown && before !== shown) {
            location.reload();
            return;
        }
        listeners.forEach(told => told());
    }
});

export function onSession(told: () => void): () => void {
    listeners.add(told);
    return () => listeners.delete(told);
}

export function useSignedIn(): boolean {
    return useSyncExternalStore(onSession, () => session() !== null);
}
