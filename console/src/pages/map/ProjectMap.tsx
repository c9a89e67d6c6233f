import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { useNames, useProject } from '@/shell/where';
import { projectGraph, type Flow } from './graph';
import { MapView } from './MapView';

const EVERY_MS = 10_000;
const MINUTES = 60;

const rate = (counts: { requests: number; status: Record<string, number> }): Flow => ({ requests: counts.requests / MINUTES, errors: (counts.status['5xx'] ?? 0) / MINUTES });

// Hosts, rules, versions and backends of one site, with what flows through them right now.
export function ProjectMap() {
    const { project } = useNames();
    const path = { params: { path: { project } } };
    const found = useProject(project);
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    const pointer = $api.useQuery('get', '/v1/projects/{project}/pointer', path, { refetchInterval: EVERY_MS });
    const domains = $api.useQuery('get', '/v1/projects/{project}/domains', path);
    const aliases = $api.useQuery('get', '/v1/projects/{project}/aliases', path);
    const backends = $api.useQuery('get', '/v1/projects/{project}/backends', path, { refetchInterval: EVERY_MS });
    const deployment = pointer.data?.deployment ?? '';
    const rules = $api.useQuery('get', '/v1/deployments/{deployment}/rules', { params: { path: { deployment } } }, { enabled: deployment !== '' });
    const traffic = (kind: 'live' | 'preview') => ({ params: { path: { project }, query: { range: '1h', kind } } }) as const;
    const live = $api.useQuery('get', '/v1/projects/{project}/traffic', traffic('live'), { refetchInterval: EVERY_MS });
    const previews = $api.useQuery('get', '/v1/projects/{project}/traffic', traffic('preview'), { refetchInterval: EVERY_MS });
    return (
        <Page title="Map" about="What a request meets on its way, as it is now.">
            <Loaded query={found} rows={8}>
                {project => (
                    <MapView
                        graph={projectGraph({
                            project,
                            pointer: pointer.data,
                            domains: domains.data?.items ?? [],
                            aliases: aliases.data?.items ?? [],
                            origins: backends.data?.items ?? [],
                            rules: rules.data?.total ?? 0,
                            cloud: meta.data?.cloud ?? '',
                            flow: Object.fromEntries((live.data?.deployments ?? []).map(one => [one.deployment, rate(one)])),
                            previews: previews.data ? rate(previews.data.totals) : { requests: 0, errors: 0 },
                        })}
                    />
                )}
            </Loaded>
        </Page>
    );
}
