import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconStack2 } from '@tabler/icons-react';
import { useState } from 'react';
import { $api } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { useNames } from '@/shell/where';
import { DeploymentList } from './DeploymentList';
import classes from './deployments.module.css';
import { NewDeployment } from './NewDeployment';
import { STATES } from './states';

const TYPING_MS = 400;

// Every deployment of a project, newest first; the filters stand in the address.
export function Deployments() {
    const { project } = useNames();
    const [state, setState] = useInAddress('state', '');
    const [branch, setBranch] = useInAddress('branch', '');
    const [environment, setEnvironment] = useInAddress('environment', '');
    const [typed, setTyped] = useState(branch);
    const type = useDebouncedCallback((value: string) => setBranch(value.trim()), TYPING_MS);
    const [opened, setOpened] = useState(false);
    const may = useMay();
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } }, { staleTime: 60_000 });
    const asked = { limit: 50, ...(state && { state }), ...(branch && { branch }), ...(environment && { environment }) };
    const found = $api.useInfiniteQuery('get', '/v1/projects/{project}/deployments', { params: { path: { project }, query: asked } }, { ...paged, placeholderData: shown => shown });
    const filtered = Boolean(state || branch || environment);
    const clear = () => {
        setTyped('');
        setState(null);
        setBranch(null);
        setEnvironment(null);
    };
    return (
        <Page
            title="Deployments"
            about="Each is a version of the site with an address of its own, and never changes."
            actions={may('deployment.create') && <Button onClick={() => setOpened(true)}>Deploy</Button>}
        >
            <div className={classes.filters}>
                <NativeSelect label="State" value={state} onChange={event => setState(event.currentTarget.value)} data={[{ value: '', label: 'All states' }, ...STATES]} />
                <NativeSelect
                    label="Environment"
                    value={environment}
                    onChange={event => setEnvironment(event.currentTarget.value)}
                    data={[{ value: '', label: 'All environments' }, ...(environments.data?.items.map(one => one.name) ?? [])]}
                />
                <TextInput
                    label="Branch"
                    placeholder="All branches"
                    value={typed}
                    onChange={event => {
                        setTyped(event.currentTarget.value);
                        type(event.currentTarget.value);
                    }}
                />
                {filtered && (
                    <Button variant="subtle" onClick={clear}>
                        Clear
                    </Button>
                )}
            </div>
            <Panel flush>
                <Loaded query={found} rows={8}>
                    {({ pages }) => {
                        const items = pages.flatMap(page => page.items);
                        return items.length || found.hasNextPage ? (
                            <DeploymentList items={items} more={found.hasNextPage} loading={found.isFetchingNextPage} onMore={() => void found.fetchNextPage()} />
                        ) : (
                            <Empty icon={<IconStack2 />} title={filtered ? 'Nothing like this' : 'No deployments yet'}>
                                {filtered ? 'No deployment fits these filters. A branch is named in full.' : 'Push a branch, or deploy a folder.'}
                            </Empty>
                        );
                    }}
                </Loaded>
            </Panel>
            {opened && <NewDeployment project={project} onClose={() => setOpened(false)} />}
        </Page>
    );
}
