import createClient, { type Client } from 'openapi-fetch';
import { Problem } from './problem.js';
import { retrying } from './retrying.js';
import type { components, paths } from './schema.js';

export { Problem } from './problem.js';
export type { components, paths } from './schema.js';
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

export interface Options {
    // Where the API is, without `/v1`; else CLOUDDECK_API, else the embedded cloud of this computer.
    api?: string;
    // An API key or an access token, or who gives one; else CLOUDDECK_TOKEN.
    token?: string | (() => string | Promise<string>);
    // How often a request is sent at most.
    attempts?: number;
    fetch?: typeof fetch;
}

export type CloudDeck = Client<paths, `${string}/${string}`>;

const outside: Record<string, string | undefined> = typeof process === 'undefined' ? {} : process.env;
const wait = (seconds: number) => new Promise<void>(resolve => setTimeout(resolve, seconds * 1000));

// The API with its types: `await deck.GET('/v1/projects/{project}', { params: { path: { project: 'shop' } } })`.
// What it refuses is thrown as a `Problem`, so `data` is there.
export function connect({ api, token, attempts = 4, fetch: send = fetch }: Options = {}): CloudDeck {
    const again = retrying(send, { attempts, wait });
    return createClient<paths>({
        baseUrl: (api ?? outside.CLOUDDECK_API ?? 'http://localhost:8080').replace(/\/$/, ''),
        headers: { Accept: 'application/json' },
        fetch: async request => {
            const given = typeof token === 'function' ? await token() : (token ?? outside.CLOUDDECK_TOKEN);
            if (given) {
                request.headers.set('Authorization', `Bearer ${given}`);
            }
            const answer = await again(request);
            if (!answer.ok) {
                throw await Problem.of(answer);
            }
            return answer;
        },
    });
}

interface Page<Item> {
    items: Item[];
    next?: string | null;
}

// Every item of a list, page after page: `for await (const one of every(cursor => deck.GET('/v1/projects', { params: { query: { cursor } } })))`.
export async function* every<Item>(page: (cursor: string | undefined) => Promise<{ data?: Page<Item> }>): AsyncGenerator<Item, void> {
    let cursor: string | undefined;
    do {
        const { data } = await page(cursor);
        yield* data?.items ?? [];
        cursor = data?.next ?? undefined;
    } while (cursor);
}
