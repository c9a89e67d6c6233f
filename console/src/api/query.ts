import { MutationCache, QueryClient } from '@tanstack/react-query';
import createHooks from 'openapi-react-query';
import { api } from './client';
import { problem } from './problem';
import type { components } from './schema';
import { account, onSession } from './session';

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

export const queries = new QueryClient({
    defaultOptions: {
        queries: {
            staleTime: 15_000,
            retry: (count, error) => problem(error).passing && count < 3,
            retryDelay: (count, error) => problem(error).pause(count),
            throwOnError: false,
        },
    },
    mutationCache: new MutationCache({
        // Whatever was written, what is on the screen asks anew; the live connection tells the others.
        onSuccess: () => void queries.invalidateQueries(),
    }),
});

// `$api.useQuery('get', '/v1/teams/{team}', { params: { path: { team } } })`: typed by the API's own description.
export const $api = createHooks(api);

// What one account was told is nothing for the next.
let whose = account();
onSession(() => {
    const before = whose;
    whose = account();
    if (whose === before) {
        return;
    }
    queries.removeQueries({ type: whose ? 'inactive' : 'all' });
    queries.getMutationCache().clear();
    if (whose && before) {
        void queries.resetQueries();
    }
});

// Ask anew for all that lies below these addresses, such as `/v1/projects/{project}`.
// Done when what is on the screen is new.
export function stale(...prefixes: string[]): Promise<void> {
    return queries.invalidateQueries({
        predicate: query => prefixes.some(prefix => String(query.queryKey[1]).startsWith(prefix)),
    });
}
