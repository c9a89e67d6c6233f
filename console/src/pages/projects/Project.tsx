import { Button, Skeleton } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { DeploymentRow } from '@/pages/deployments/DeploymentRow';
import deployments from '@/pages/deployments/deployments.module.css';
import { NewDeployment } from '@/pages/deployments/NewDeployment';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { useNames, useProject } from '@/shell/where';
import { Mark } from './Mark';
import classes from './one/one.module.css';
import { Production } from './one/Production';
import { Figures, PreviewsOf, Queue, Source } from './one/Sides';

const FirstSteps = lazy(() => import('./one/FirstSteps').then(({ FirstSteps }) => ({ default: FirstSteps })));

const LATEST = 5;

// A project at one glance: what is live, what came last, what is under way.
export function Project() {
    const { project } = useNames();
    const query = useProject(project);
    const [opened, setOpened] = useState(false);
    const may = useMay();
    return (
        <Page
            title={query.data?.name ?? 'Project'}
            name={
                query.data && (
                    <span className={classes.name}>
                        <Mark id={query.data.id} name={query.data.name} size={32} />
                        <bdi>{query.data.name}</bdi>
                    </span>
                )
            }
            actions={
                may('deployment.create') && (
                    <Button variant="default" leftSection={<IconRocket size={16} />} onClick={() => setOpened(true)}>
                        Deploy a branch
                    </Button>
                )
            }
        >
            <Loaded query={query} rows={2} tall={300}>{found => <Shown project={found} />}</Loaded>
            {opened && <NewDeployment project={project} onClose={() => setOpened(false)} />}
        </Page>
    );
}

function Shown({ project }: { project: Schema<'ProjectView'> }) {
    const path = { project: project.slug };
    const latest = $api.useQuery('get', '/v1/projects/{project}/deployments', { params: { path, query: { limit: LATEST } } });
    const pointer = $api.useQuery('get', '/v1/projects/{project}/pointer', { params: { path } });
    if (latest.data?.items.length === 0) {
        return (
            <Suspense fallback={<Skeleton height={240} radius="md" />}>
                <FirstSteps project={project} />
            </Suspense>
        );
    }
    return (
        <>
            <Loaded query={pointer} rows={1} tall={360}>
                {now => (now.deployment ? <Production project={project} pointer={now} /> : <NotLive branch={project.production_branch || 'main'} />)}
            </Loaded>
            <div className={classes.two}>
                <div className={classes.stack}>
                    <Panel title="Latest deployments" actions={<Link to="/projects/$project/deployments" params={path}>All</Link>} flush>
                        <Loaded query={latest}>
                            {({ items }) => (
                                <ul className={deployments.list}>
                                    {items.map(one => (
                                        <DeploymentRow key={one.id} of={one} />
                                    ))}
                                </ul>
                            )}
                        </Loaded>
                    </Panel>
                    <PreviewsOf project={project.slug} />
                </div>
                <div className={classes.stack}>
                    <Queue project={project.slug} />
                    <Figures project={project.slug} />
                    <Source project={project} />
                </div>
            </div>
        </>
    );
}

function NotLive({ branch }: { branch: string }) {
    return (
        <Panel title="Production">
            <p className="soft" style={{ margin: 0 }}>
                Nothing is live yet. Push to {branch}, or promote a deployment that is ready.
            </p>
        </Panel>
    );
}
