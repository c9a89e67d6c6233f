import { Button } from '@mantine/core';
import { IconFilterOff, IconRocket, IconStack2 } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/query';
import { CommandLine } from '@/parts/CommandLine';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { useNames, useProject } from '@/shell/where';
import { DeploymentList } from './DeploymentList';
import { Filters, useFilters } from './Filters';
import { NewDeployment } from './NewDeployment';

// Every deployment of a project, newest first; the filters stand in the address.
export function Deployments() {
    const { project } = useNames();
    const filters = useFilters();
    const navigate = useNavigate();
    const [opened, setOpened] = useState(false);
    const may = useMay();
    const asked = { limit: 50, ...filters.asked };
    const found = $api.useInfiniteQuery('get', '/v1/projects/{project}/deployments', { params: { path: { project }, query: asked } }, { ...paged, placeholderData: shown => shown });
    const clear = () => void navigate({ to: '.', search: {} as never, replace: true });
    return (
        <Page
            title="Deployments"
            about="Each is a version of the site with an address of its own, and never changes."
            actions={
                may('deployment.create') && (
                    <Button leftSection={<IconRocket size={16} />} onClick={() => setOpened(true)}>
                        Deploy
                    </Button>
                )
            }
        >
            <Filters project={project} of={filters} clear={clear} />
            <Loaded query={found} rows={8} tall={66}>
                {({ pages }) => {
                    const items = pages.flatMap(page => page.items);
                    return (
                        <Panel flush>
                            {items.length || found.hasNextPage ? (
                                <DeploymentList items={items} more={found.hasNextPage} loading={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} />
                            ) : filters.some ? (
                                <Empty icon={<IconFilterOff />} title="Nothing like this" action={<Button variant="default" onClick={clear}>Show all</Button>}>
                                    No deployment fits these filters. A branch is named in full.
                                </Empty>
                            ) : (
                                <None project={project} />
                            )}
                        </Panel>
                    );
                }}
            </Loaded>
            {opened && <NewDeployment project={project} onClose={() => setOpened(false)} />}
        </Page>
    );
}

function None({ project }: { project: string }) {
    const branch = useProject(project).data?.production_branch || 'main';
    return (
        <Empty icon={<IconStack2 />} title="No deployments yet">
            <p style={{ marginTop: 0 }}>Push a branch, or send the folder that you are in:</p>
            <CommandLine text={`git push clouddeck HEAD:${branch}`} />
            <CommandLine text="deck deploy --prod" />
        </Empty>
    );
}
