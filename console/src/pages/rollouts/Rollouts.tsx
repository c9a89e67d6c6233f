import { Button, Center } from '@mantine/core';
import { IconArrowsShuffle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/query';
import { titleOf } from '@/pages/deployments/deeds';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useDeployment, useNames, useProject } from '@/shell/where';
import { share, type Rollout } from './figures';
import classes from './rollouts.module.css';
import { Split } from './Split';
import { StartRollout } from './StartRollout';

// How releases reached visitors in steps, newest first.
export function Rollouts() {
    const { project } = useNames();
    const [starting, setStarting] = useState(false);
    const may = useMay();
    const strategy = useProject(project).data?.delivery.strategy ?? 'instant';
    const found = $api.useInfiniteQuery('get', '/v1/projects/{project}/rollouts', { params: { path: { project }, query: { limit: 20 } } }, paged);
    const start = may('deployment.create') && may('project.update') && <Button onClick={() => setStarting(true)}>Start a rollout</Button>;
    return (
        <Page
            title="Rollouts"
            about={strategy === 'instant' ? 'Releases of this project reach everybody at once.' : <>Releases of this project go out as {strategy}. <Link to="/projects/$project/delivery" params={{ project }}>Delivery</Link> has the steps and limits.</>}
            actions={start}
        >
            <Panel flush>
                <Loaded query={found}>
                    {({ pages }) => {
                        const items = pages.flatMap(page => page.items);
                        return items.length ? (
                            <>
                                <ul className={classes.list}>{items.map(one => <Row key={one.id} of={one} project={project} />)}</ul>
                                {found.hasNextPage && (
                                    <Center p="sm">
                                        <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>More</Button>
                                    </Center>
                                )}
                            </>
                        ) : (
                            <Empty icon={<IconArrowsShuffle />} title="No rollouts yet">
                                A rollout shows a release to a share of visitors, watches what it answers, and goes on or back by itself.
                            </Empty>
                        );
                    }}
                </Loaded>
            </Panel>
            {starting && <StartRollout project={project} onClose={() => setStarting(false)} />}
        </Page>
    );
}

function Row({ of, project }: { of: Rollout; project: string }) {
    const deployment = useDeployment(of.deployment).data;
    return (
        <li className={classes.row}>
            <div><State of={of.state} /></div>
            <div style={{ minWidth: 0 }}>
                <Link to="/projects/$project/rollouts/$rollout" params={{ project, rollout: of.id }} className={classes.name}>
                    {deployment ? titleOf(deployment) : of.deployment}
                </Link>
                <div className="soft clip">{of.reason || of.verdict?.why[0]}</div>
            </div>
            <div>
                <Split of={of} small />
                <span className="soft numbers">{share(of.weight)}, step {Math.min(of.step + 1, of.steps.length)} of {of.steps.length}</span>
            </div>
            <div className="soft"><When at={of.created_at} /></div>
        </li>
    );
}
