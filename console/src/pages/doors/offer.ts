import { $api } from '@/api/query';

// How people get in here: providers, and who may make an account.
export function useOffer() {
    return $api.useQuery('get', '/v1/auth/providers', {}, { staleTime: 60_000 });
}
