import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { challengeOf, newVerifier } from './challenge';

// Signing in elsewhere and coming back: PKCE (RFC 7636) makes the code that comes back worthless to anybody else.

const KEPT = 'clouddeck.away';

interface Away {
    verifier: string;
    to: string;
    invitation?: string;
    provider?: string;
}

interface Leaving {
    return_to: string;
    challenge: string;
}

// Ask the API for the address of whoever knows the person, remember why we went, and go.
export async function leave(back: string, why: Omit<Away, 'verifier'>, start: (leaving: Leaving) => Promise<{ url: string } | undefined>): Promise<void> {
    const verifier = newVerifier();
    const found = await start({ return_to: location.origin + back, challenge: await challengeOf(verifier) });
    if (!found) {
        return;
    }
    sessionStorage.setItem(KEPT, JSON.stringify({ ...why, verifier } satisfies Away));
    location.assign(found.url);
}

// Why this tab went away, once.
export function returned(): Away {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    return kept ? (JSON.parse(kept) as Away) : { verifier: '', to: '' };
}

export function withProvider(provider: string, to: string, invitation = ''): Promise<void> {
    const start = async (body: Leaving) => (await api.POST('/v1/auth/providers/{provider}/start', { params: { path: { provider } }, body })).data;
    return leave('/sign-in', { to, invitation }, start);
}

export function withSingleSignOn(email: string, to: string): Promise<void> {
    return leave('/sign-in', { to }, async body => (await api.POST('/v1/auth/sso/start', { body: { ...body, email } })).data);
}

// By the provider of one team, whatever one's address: how its owner tries it.
export function withProviderOf(team: string, to: string): Promise<void> {
    return leave('/sign-in', { to }, async body => (await api.POST('/v1/auth/sso/start', { body: { ...body, team } })).data);
}

export async function exchange(code: string, away: Away): Promise<Schema<'SignIn'> | undefined> {
    return (await api.POST('/v1/auth/exchange', { body: { code, verifier: away.verifier, invitation: away.invitation ?? '' } })).data;
}
