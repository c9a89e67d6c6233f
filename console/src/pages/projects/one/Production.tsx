import { Button, Group } from '@mantine/core';
import { IconArrowBackUp, IconExternalLink, IconLock, IconPin } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { Address } from '@/pages/deployments/Address';
import { DeedDialog } from '@/pages/deployments/DeedDialog';
import { DeedMenu } from '@/pages/deployments/DeedMenu';
import { titleOf, type Deed } from '@/pages/deployments/deeds';
import { Facts } from '@/pages/deployments/Facts';
import { Origin } from '@/pages/deployments/Origin';
import { Split } from '@/pages/rollouts/Split';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useDeployment } from '@/shell/where';
import { Thumbnail } from '../Thumbnail';
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
    return (
        <Panel
            title="Production"
            actions={
                <Group gap="sm">
                    <Button component="a" href={project.url} target="_blank" rel="noreferrer" size="xs" rightSection={<IconExternalLink size={14} />}>
                        Open
                    </Button>
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
                    {live && <DeedMenu deployment={live} without={['redeploy']} />}
                </Group>
            }
        >
            <div className={classes.production}>
                <div className={classes.picture}>
                    <Thumbnail
                        site={{
                            id: project.id, slug: project.slug, name: project.name, framework: live?.framework ?? project.framework, url: project.url,
                            production: live ? { deployment: live.id, commit: live.commit, branch: live.branch, message: live.message, at: pointer.moved_at ?? live.created_at } : null,
                            latest: null, locked: project.lock !== null, pinned: pointer.pinned, rollout: null, protected: access.data?.scope !== 'none',
                        }}
                    />
                </div>
                <div className={classes.about}>
                    <div className={classes.address}>
                        <Address url={project.url} />
                    </div>
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
                    {live && (
                        <Facts
                            of={[
                                ['What', <Link key="l" to="/deployments/$deployment" params={{ deployment: live.id }}>{titleOf(live)}</Link>],
                                ['From', <Origin key="o" of={live} />],
                                ['Live', <span key="w"><When at={pointer.moved_at} /> by <Who id={pointer.moved_by} /></span>],
                                pointer.reason && ['Why', pointer.reason],
                            ]}
                        />
                    )}
                    {!project.lock && <Lock project={project.slug} />}
                </div>
            </div>
            {back && <Rollback project={project.slug} pointer={pointer} onClose={() => setBack(false)} />}
            {live && <DeedDialog deed={deed} deployment={live} onClose={() => ask(null)} />}
        </Panel>
    );
}

function Rolling({ project, pointer }: { project: Project; pointer: Pointer }) {
    return (
        <div>
            <Group justify="space-between" mb={6}>
                <strong>A rollout is under way</strong>
                <Link to="/projects/$project/rollouts/$rollout" params={{ project: project.slug, rollout: pointer.rollout ?? '' }}>Look at it</Link>
            </Group>
            <Split of={{ weight: pointer.weight, deployment: pointer.canary ?? '', base: pointer.deployment ?? '' }} />
        </div>
    );
}
