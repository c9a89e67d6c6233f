import { api } from './client';
import { keep } from './session';

const PATIENCE_MS = 3000;

// Sign out: the session ends at the API, and here in any case. Nobody who wants to leave waits long for a network.
export async function leave(): Promise<void> {
    const ended = api.POST('/v1/auth/logout').catch(() => undefined);
    await Promise.race([ended, new Promise(done => setTimeout(done, PATIENCE_MS))]);
    keep(null);
}
