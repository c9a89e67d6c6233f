import { Button, Group, TextInput } from '@mantine/core';
import { IconLock, IconLockOpen, IconPinnedOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { FormModal } from '@/parts/FormModal';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { about, useWrite } from '@/parts/write';
import { freezeState, whole } from './delivery';
import classes from './delivery.module.css';

const TOUCHED = ['/v1/projects', '/v1/deployments'];

// Whether anything goes live at present: the lock, the pin, and what waits.
export function Holds({ site }: { site: Schema<'ProjectView'> }) {
    const may = useMay();
    const path = { project: site.slug };
    const pointer = $api.useQuery('get', '/v1/projects/{project}/pointer', { params: { path } });
    const recent = $api.useQuery('get', '/v1/projects/{project}/deployments', { params: { path, query: { limit: 20, state: 'ready' } } });
    const [locking, setLocking] = useState(false);
    const [reason, setReason] = useState('');
    const lock = useWrite(...TOUCHED);
    const write = useWrite(...TOUCHED);
    const pinned = pointer.data?.pinned ?? false;
    const { approvals, freezes } = whole(site.delivery);
    const freeze = freezes.find(one => freezeState(one) === 'now');
    const why = site.lock ? site.lock.reason || 'No reason was given.' : pinned ? pointer.data?.reason : freeze?.reason;
    const waiting = (recent.data?.items ?? []).filter(one => one.held !== null);
    return (
        <Panel
            title="At present"
            actions={
                <Group gap="xs">
                    {pinned && may('deployment.promote') && (
                        <Button size="xs" variant="default" leftSection={<IconPinnedOff size={15} />} loading={write.busy} onClick={() => void write.run(() => api.POST('/v1/projects/{project}/unpin', { params: { path } }), 'Pushes go live again.')}>
                            Unpin
                        </Button>
                    )}
                    {may('release.lock') &&
                        (site.lock ? (
                            <Button size="xs" variant="default" leftSection={<IconLockOpen size={15} />} loading={write.busy} onClick={() => void write.run(() => api.DELETE('/v1/projects/{project}/lock', { params: { path } }), 'The lock is off; the newest of what waited goes live.')}>
                                Unlock
                            </Button>
                        ) : (
                            <Button size="xs" variant="default" leftSection={<IconLock size={15} />} onClick={() => setLocking(true)}>
                                Lock
                            </Button>
                        ))}
                </Group>
            }
        >
            <Group gap="xs">
                {site.lock ? <State of="locked" tone="bad" /> : pinned ? <State of="pinned" tone="warn" /> : freeze ? <State of="frozen" tone="warn" /> : <State of="open" tone="good" />}
                <span>
                    {site.lock ? (
                        <>
                            By <Who id={site.lock.by} />, <When at={site.lock.at} />. Only a rollback goes live.
                        </>
                    ) : pinned ? (
                        <>
                            By <Who id={pointer.data?.moved_by} />, <When at={pointer.data?.moved_at} />. Pushes are built, and wait until it is unpinned or something is promoted.
                        </>
                    ) : freeze ? (
                        'What is ready waits for the end of the freeze; only a rollback goes live.'
                    ) : approvals > 0 ? (
                        <>What is ready goes live once {approvals === 1 ? 'a person has' : `${approvals} people have`} approved of it.</>
                    ) : (
                        'What is ready goes live.'
                    )}
                </span>
            </Group>
            {why && <blockquote className={classes.why}>{why}</blockquote>}
            {waiting.map(one => (
                <div key={one.id}>
                    <Link to={`/deployments/${one.id}`}>{one.message || one.branch || one.id.slice(-8)}</Link>{' '}
                    <span className="soft">waits{one.held?.until ? <>, it goes on <When at={one.held.until} /></> : one.held?.because === 'approval' ? `: ${one.held.detail}` : ''}</span>
                </div>
            ))}
            {write.fault && <Fault of={write.fault} />}
            <FormModal opened={locking} onClose={() => setLocking(false)} title="Lock releases" action="Lock" write={lock} send={() => api.PUT('/v1/projects/{project}/lock', { params: { path }, body: { reason: reason.trim() } })} said="Nothing goes live any more but by a rollback.">
                <div>Nothing goes live until somebody unlocks it. A rollout that runs is taken back at once.</div>
                <TextInput label="Why" placeholder="The database is being moved" value={reason} onChange={event => setReason(event.currentTarget.value)} error={about(lock.fault, '/reason')} data-autofocus />
            </FormModal>
        </Panel>
    );
}
