import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { useNames } from '@/shell/where';
import { teamGraph } from './graph';
import { MapView } from './MapView';

const MOST = 24;
const EVERY_MS = 15_000;

// The sites of a team that moved last, with their domains and what flows through them.
export function TeamMap() {
    const { team } = useNames();
    const sites = $api.useQuery('get', '/v1/teams/{team}/sites', { params: { path: { team }, query: { limit: MOST } } }, { refetchInterval: EVERY_MS });
    const domains = $api.useQuery('get', '/v1/teams/{team}/domains', { params: { path: { team } } });
    const overview = $api.useQuery('get', '/v1/teams/{team}/overview', { params: { path: { team } } }, { refetchInterval: EVERY_MS });
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    const last = overview.data?.traffic.series.at(-1);
    return (
        <Page title="Map" about="The sites of the team, as they are now.">
            <Loaded query={sites} rows={8}>
                {found => (
                    <MapView graph={teamGraph({ sites: found.items, domains: domains.data?.items ?? [], cloud: meta.data?.cloud ?? '', perMinute: (last?.requests ?? 0) / 60, more: found.next !== null })} />
                )}
            </Loaded>
        </Page>
    );
}
