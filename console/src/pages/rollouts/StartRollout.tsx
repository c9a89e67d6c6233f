import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { order } from '@/pages/deployments/order';
import { FormModal } from '@/parts/FormModal';
import { useWrite } from '@/parts/write';
import { useProject } from '@/shell/where';

const STRATEGIES = [
    { value: 'canary', label: 'Canary: 5, 25 and 50 %, five minutes each' },
    { value: 'blue-green', label: 'Blue-green: 5 and 50 %, five minutes each' },
];

// A release in steps: the project's strategy, where it has none yet, and a new deployment to production.
export function StartRollout({ project, onClose }: { project: string; onClose: () => void }) {
    const known = useProject(project).data;
    const [strategy, setStrategy] = useState<'canary' | 'blue-green'>('canary');
    const [from, setFrom] = useState(known?.production_branch || 'main');
    const write = useWrite('/v1/projects', '/v1/deployments', '/v1/teams');
    const navigate = useNavigate();
    if (!known) {
        return null;
    }
    const instant = (known.delivery.strategy ?? 'instant') === 'instant';
    const send = async () => {
        if (instant) {
            await api.PATCH('/v1/projects/{project}', {
                params: { path: { project }, header: { 'If-Match': `"${known.version}"` } },
                body: { delivery: { ...known.delivery, strategy, steps: null } } as never,
            });
        }
        const reference = /^[0-9a-f]{40}$/.test(from.trim()) ? { commit: from.trim() } : { branch: from.trim() };
        const { data } = await api.POST('/v1/projects/{project}/deployments', { params: { path: { project } }, body: order({ ...reference, environment: 'production' }) });
        await navigate({ to: '/deployments/$deployment', params: { deployment: data?.id ?? '' } });
    };
    return (
        <FormModal opened onClose={onClose} title="Start a rollout" action="Deploy in steps" write={write} send={send} disabled={!from.trim()} said="It begins when the deployment is ready.">
            <Text size="sm">A new deployment is built and shown to a growing share of visitors. It goes back by itself when it answers worse than what is live.</Text>
            {instant ? (
                <NativeSelect
                    label="Strategy"
                    description="It becomes that of the project, for this and later releases."
                    value={strategy}
                    data={STRATEGIES}
                    onChange={event => setStrategy(event.currentTarget.value as typeof strategy)}
                />
            ) : (
                <Text size="sm">The project's strategy is {known.delivery.strategy}{known.delivery.steps ? `, with ${known.delivery.steps.length} steps of its own` : ''}.</Text>
            )}
            <TextInput label="Branch or commit" value={from} onChange={event => setFrom(event.currentTarget.value)} required data-autofocus />
        </FormModal>
    );
}
