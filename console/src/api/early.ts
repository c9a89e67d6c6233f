import { claims } from './claims';
import { config } from './config';
import { session } from './session';

// What a page will ask for first is asked while its scripts are still on their way (start.ts). The client takes these
// answers in place of asking, each once, as long as they are new and of whoever is signed in.
const FRESH_MS = 10_000;

interface Begun {
    token: string;
    at: number;
    answer: Promise<Response>;
}

const begun = new Map<string, Begun>();

export function begin(paths: string[]): void {
    const token = session()?.access;
    if (!token || Number(claims(token).exp) * 1000 < Date.now()) {
        return;
    }
    for (const path of paths) {
        const headers = { Accept: 'application/json', Authorization: `Bearer ${token}` };
        const answer = config().then(({ api }) => fetch(api + path, { headers, cache: 'no-store', signal: AbortSignal.timeout(FRESH_MS) }));
        answer.catch(() => undefined); // then it is asked as if it never had been
        begun.set(path, { token, at: performance.now(), answer });
    }
}

export function taken(path: string, token: string | undefined): Promise<Response> | undefined {
    const found = begun.get(path);
    begun.delete(path);
    return found && found.token === token && performance.now() - found.at < FRESH_MS ? found.answer : undefined;
}
