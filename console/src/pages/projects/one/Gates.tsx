import { Button, Text, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { done, failed } from '@/parts/notices';
import { useMay } from '@/parts/permits';
import { useWrite } from '@/parts/write';

// What keeps production where it is, and how it is let go.

function Release({ label, said, act }: { label: string; said: string; act: () => Promise<unknown> }) {
    const [busy, setBusy] = useState(false);
    const go = async () => {
        setBusy(true);
        try {
            await act();
            stale('/v1/projects', '/v1/deployments', '/v1/teams');
            done(said);
        } catch (error) {
            failed(error);
        } finally {
            setBusy(false);
        }
    };
    return (
        <Button size="xs" variant="default" loading={busy} onClick={() => void go()}>
            {label}
        </Button>
    );
}

export function Unlock({ project }: { project: string }) {
    const may = useMay();
    return may('release.lock') && <Release label="Unlock" said="Unlocked. The newest of what waited goes live." act={() => api.DELETE('/v1/projects/{project}/lock', { params: { path: { project } } })} />;
}

export function Unpin({ project }: { project: string }) {
    const may = useMay();
    return may('deployment.promote') && <Release label="Unpin" said="Unpinned. The newest of what waited goes live." act={() => api.POST('/v1/projects/{project}/unpin', { params: { path: { project } } })} />;
}

export function Lock({ project }: { project: string }) {
    const [asked, ask] = useState(false);
    const [reason, setReason] = useState('');
    const write = useWrite('/v1/projects', '/v1/deployments', '/v1/teams');
    const may = useMay();
    if (!may('release.lock')) {
        return null;
    }
    return (
        <div>
            <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconLock size={14} />} onClick={() => ask(true)}>
                Lock production
            </Button>
            <FormModal opened={asked} onClose={() => ask(false)} title="Lock production" action="Lock" write={write} said="Locked." send={() => api.PUT('/v1/projects/{project}/lock', { params: { path: { project } }, body: { reason } })}>
                <Text size="sm">Nothing goes live any more but by a rollback. A rollout that runs is taken back at once.</Text>
                <TextInput label="Reason" description="Whoever waits reads it." value={reason} maxLength={200} onChange={event => setReason(event.currentTarget.value)} data-autofocus />
            </FormModal>
        </div>
    );
}
