import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { useWrite } from '@/parts/write';

const BEFORE = '';

// Back to what was live, by default right before; the last moves of the pointer are the ways there.
export function Rollback({ project, pointer, onClose }: { project: string; pointer: Schema<'PointerView'>; onClose: () => void }) {
    const [to, setTo] = useState(BEFORE);
    const [reason, setReason] = useState('');
    const write = useWrite('/v1/projects', '/v1/deployments', '/v1/teams');
    const past = pointer.history.filter((move, index, all) => move.deployment !== pointer.deployment && all.findIndex(one => one.deployment === move.deployment) === index);
    const send = () => api.POST('/v1/projects/{project}/rollback', { params: { path: { project } }, body: { to: to || null, reason } });
    return (
        <FormModal opened onClose={onClose} title="Roll back production" action="Roll back" danger write={write} send={send} said="Rolled back. Pushes wait until you unpin.">
            <Text size="sm">Nothing is built: visitors get the files, rules and schedules of that deployment from the moment the pointer moves. Production stays there until somebody promotes or unpins.</Text>
            <NativeSelect
                label="Back to"
                value={to}
                onChange={event => setTo(event.currentTarget.value)}
                data={[
                    { value: BEFORE, label: pointer.canary ? 'What is production still, without the rollout' : 'What was live before' },
                    ...past.map(move => ({ value: move.deployment, label: `${new Date(move.moved_at).toLocaleString()}: ${move.reason || move.deployment.slice(-8)}` })),
                ]}
            />
            <TextInput label="Reason" description="For the history; you may leave it out." value={reason} maxLength={200} onChange={event => setReason(event.currentTarget.value)} data-autofocus />
        </FormModal>
    );
}
