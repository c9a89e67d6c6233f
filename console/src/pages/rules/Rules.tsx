import { Select } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { $api } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { Tabbed } from '@/parts/Tabbed';
import { useNames, useProject } from '@/shell/where';
import { Playground } from './Playground';
import { Table } from './Table';
import { Tester } from './Tester';

const SHOWN = 50;

// The rules that a deployment was frozen with, what they do with a request, and what files would come to.
export function Rules() {
    const { project } = useNames();
    const site = useProject(project);
    const live = site.data?.production ?? null;
    const [asked, ask] = useInAddress('deployment', '');
    const recent = $api.useQuery('get', '/v1/projects/{project}/deployments', { params: { path: { project }, query: { limit: SHOWN, state: 'ready' } } });
    const deployment = asked || live;
    const name = (id: string, message: string, branch: string) => `${id === live ? 'Live: ' : ''}${message || branch || 'upload'} (${id.slice(-6)})`;
    const choices = (recent.data?.items ?? []).map(one => ({ value: one.id, label: name(one.id, one.message, one.branch) }));
    if (deployment && !choices.some(one => one.value === deployment)) {
        choices.unshift({ value: deployment, label: `${deployment === live ? 'Live: ' : ''}${deployment.slice(-6)}` });
    }
    const none = (
        <Panel>
            <Empty title="Nothing is live yet">
                Rules come with a deployment. <Link to={`/projects/${project}/deployments`}>Deploy something</Link>, or try files in the playground.
            </Empty>
        </Panel>
    );
    return (
        <Page
            title="Rules"
            about="Redirects, rewrites, headers, passwords and proxies, as the edge has them."
            actions={
                choices.length > 0 && (
                    <Select aria-label="Deployment" data={choices} value={deployment} allowDeselect={false} onChange={one => ask(one === live ? null : one)} w={280} maw="100%" searchable />
                )
            }
        >
            <Loaded query={site}>
                {() => (
                    <Tabbed
                        tabs={[
                            { value: 'rules', label: 'Rules', shows: () => (deployment ? <Table deployment={deployment} /> : none) },
                            { value: 'test', label: 'Try a request', shows: () => (deployment ? <Tester deployment={deployment} /> : none) },
                            { value: 'playground', label: 'Playground', shows: () => <Playground /> },
                        ]}
                    />
                )}
            </Loaded>
        </Page>
    );
}
