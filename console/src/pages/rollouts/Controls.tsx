import { Button, Group, Text, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPause, IconPlayerPlay, IconPlayerTrackNext } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { FormModal } from '@/parts/FormModal';
import { done, failed } from '@/parts/notices';
import { useMay } from '@/parts/permits';
import { useWrite } from '@/parts/write';
import { isOpen, share, type Rollout } from './figures';

// What a person can do about a rollout; the judge goes on without them.
export function Controls({ of }: { of: Rollout }) {
    const may = useMay();
    const [advancing, setAdvancing] = useState(false);
    const [aborting, setAborting] = useState(false);
    const [busy, setBusy] = useState(false);
    const params = { params: { path: { project: of.project, rollout: of.id } } };
    const act = async (deed: () => Promise<unknown>, said: string) => {
        setBusy(true);
        try {
            await deed();
            stale('/v1/projects');
            done(said);
        } catch (error) {
            failed(error);
        } finally {
            setBusy(false);
        }
    };
    const kept = of.state === 'completed' && of.kept_until !== null && Date.parse(of.kept_until) > Date.now();
    if (!may('deployment.promote') || (!isOpen(of.state) && !kept)) {
        return null;
    }
    const next = of.steps[of.step + 1];
    return (
        <Group gap="sm">
            {of.state === 'running' && (
                <>
                    <Button variant="default" loading={busy} leftSection={<IconPlayerPause size={16} />} onClick={() => void act(() => api.POST('/v1/projects/{project}/rollouts/{rollout}/pause', params), 'Paused. The share stays as it is.')}>
                        Pause
                    </Button>
                    <Button variant="default" leftSection={<IconPlayerTrackNext size={16} />} onClick={() => setAdvancing(true)}>
                        Advance
                    </Button>
                </>
            )}
            {of.state === 'paused' && (
                <Button loading={busy} leftSection={<IconPlayerPlay size={16} />} onClick={() => void act(() => api.POST('/v1/projects/{project}/rollouts/{rollout}/resume', params), 'It goes on. The pause counts for no step.')}>
                    Resume
                </Button>
            )}
            <Button color="red" variant="light" leftSection={<IconArrowBackUp size={16} />} onClick={() => setAborting(true)}>
                {kept ? 'Go back' : 'Abort'}
            </Button>
            <Confirm
                opened={advancing}
                onClose={() => setAdvancing(false)}
                title="Pass this step now"
                action="Advance"
                danger={false}
                onConfirm={async () => {
                    await api.POST('/v1/projects/{project}/rollouts/{rollout}/advance', params);
                    stale('/v1/projects', '/v1/deployments');
                }}
            >
                {next ? `The judge is not asked: ${share(next.weight)} of visitors see the new deployment at once.` : 'The judge is not asked: it becomes production at once.'}
            </Confirm>
            {aborting && <Abort of={of} onClose={() => setAborting(false)} />}
        </Group>
    );
}

function Abort({ of, onClose }: { of: Rollout; onClose: () => void }) {
    const [reason, setReason] = useState('');
    const write = useWrite('/v1/projects', '/v1/deployments', '/v1/teams');
    const send = () => api.POST('/v1/projects/{project}/rollouts/{rollout}/abort', { params: { path: { project: of.project, rollout: of.id } }, body: { reason } });
    return (
        <FormModal opened onClose={onClose} title="Take it back" action="Take it back" danger write={write} send={send} said="Everybody sees what was live before.">
            <Text size="sm">Nobody sees the new deployment any more, within seconds. It stays, and can be promoted later.</Text>
            <TextInput label="Reason" description="For the history; you may leave it out." value={reason} maxLength={200} onChange={event => setReason(event.currentTarget.value)} data-autofocus />
        </FormModal>
    );
}
