import { Button, Group } from '@mantine/core';
import { IconArrowBackUp, IconExternalLink, IconLock, IconPin } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { DeedDialog } from '@/pages/deployments/DeedDialog';
import { DeedMenu } from '@/pages/deployments/DeedMenu';
import { titleOf, type Deed } from '@/pages/deployments/deeds';
import { Origin } from '@/pages/deployments/Origin';
import { Split } from '@/pages/rollouts/Split';
import { Face } from '@/parts/Face';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useSomeone, Who } from '@/parts/Who';
import { useDeployment } from '@/shell/where';
import { Thumbnail } from '../Thumbnail';
import { Addresses } from './Addresses';
import { Lock, Unlock, Unpin } from './Gates';
import classes from './one.module.css';
import { Rollback } from './Rollback';

type Project = Schema<'ProjectView'>;
type Pointer = Schema<'PointerView'>;

// What visitors get now, since when and by whose doing, and what keeps it there.
export function Production({ project, pointer }: { project: Project; pointer: Pointer }) {
    const live = useDeployment(pointer.deployment ?? '').data;
    const access = $api.useQuery('get', '/v1/projects/{project}/access', { params: { path: { project: project.slug } } }, { staleTime: 60_000 });
    const [back, setBack] = useState(false);
    const [deed, ask] = useState<Deed | null>(null);
    const may = useMay();
    const before = pointer.history.some(move => move.deployment !== pointer.deployment) || pointer.canary !== null;
    const framework = live?.framework ?? project.framework;
    return (
        <Panel
            title="Production"
            actions={
                <Group gap="xs">
                    {before && may('deployment.promote') && (
                        <Button size="xs" variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => setBack(true)}>
                            Roll back
                        </Button>
                    )}
                    {live?.source === 'git' && may('deployment.create') && (
                        <Button size="xs" variant="default" onClick={() => ask('redeploy')}>
                            Deploy again
                        </Button>
                    )}
                    <Button component="a" href={project.url} target="_blank" rel="noreferrer" size="xs" rightSection={<IconExternalLink size={14} />}>
                        Open
                    </Button>
                    {live && <DeedMenu deployment={live} without={['redeploy']} />}
                </Group>
            }
        >
            <div className={classes.production}>
                <a className={classes.picture} href={project.url} target="_blank" rel="noreferrer" tabIndex={-1} aria-hidden="true">
                    <Thumbnail alone of={{ id: project.id, name: project.name, framework, url: project.url, version: live?.id ?? null, open: access.data?.scope !== 'all' }} />
                </a>
                <div className={classes.about}>
                    <Addresses project={project} />
                    {pointer.rollout && <Rolling project={project} pointer={pointer} />}
                    {project.lock && (
                        <Notice tone="warn" title={<><IconLock size={14} aria-hidden="true" /> Locked</>}>
                            <p>
                                By <Who id={project.lock.by} />, <When at={project.lock.at} />{project.lock.reason && `: ${project.lock.reason}`}. What is ready waits.
                            </p>
                            <Unlock project={project.slug} />
                        </Notice>
                    )}
                    {pointer.pinned && (
                        <Notice tone="warn" title={<><IconPin size={14} aria-hidden="true" /> Pinned</>}>
                            <p>Production was rolled back and stays here. Pushes are built and wait until you unpin, or promote one of them.</p>
                            <Unpin project={project.slug} />
                        </Notice>
                    )}
                    <dl className={classes.facts}>
                        <div>
                            <dt>Status</dt>
                            <dd>
                                <State of="live" tone="good" />
                            </dd>
                        </div>
                        <Since pointer={pointer} />
                        {live && (
                            <div className={classes.across}>
                                <dt>Source</dt>
                                <dd>
                                    <Link to="/deployments/$deployment" params={{ deployment: live.id }} className={classes.said} title={live.message || undefined}>
                                        <bdi>{titleOf(live)}</bdi>
                                    </Link>
                                    <Origin of={live} />
                                </dd>
                            </div>
                        )}
                        {pointer.reason && !pointer.reason.startsWith('pushed ') && (
                            <div className={classes.across}>
                                <dt>Why</dt>
                                <dd>{pointer.reason}</dd>
                            </div>
                        )}
                    </dl>
                </div>
            </div>
            <footer className={classes.foot}>
                <span className="soft">
                    {project.lock ? 'Nothing goes live while production is locked.' : <>Push to <code className="mono">{project.production_branch || 'main'}</code> to bring a new version here.</>}
                </span>
                {!project.lock && <Lock project={project.slug} />}
            </footer>
            {back && <Rollback project={project.slug} pointer={pointer} onClose={() => setBack(false)} />}
            {live && <DeedDialog deed={deed} deployment={live} onClose={() => ask(null)} />}
        </Panel>
    );
}

function Since({ pointer }: { pointer: Pointer }) {
    return (
        <div>
            <dt>Live since</dt>
            <dd className={classes.by}>
                <Face of={useSomeone(pointer.moved_by)} />
                <span>
                    <When at={pointer.moved_at} /> <span className="soft">by <Who id={pointer.moved_by} /></span>
                </span>
            </dd>
        </div>
    );
}

function Rolling({ project, pointer }: { project: Project; pointer: Pointer }) {
    return (
        <div className={classes.rolling}>
            <Group justify="space-between" mb={6}>
                <strong>A rollout is under way</strong>
                <Link to="/projects/$project/rollouts/$rollout" params={{ project: project.slug, rollout: pointer.rollout ?? '' }}>Look at it</Link>
            </Group>
            <Split of={{ weight: pointer.weight, deployment: pointer.canary ?? '', base: pointer.deployment ?? '' }} />
        </div>
    );
}
