import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormModal } from '@/parts/FormModal';
import { useWrite } from '@/parts/write';
import { titleOf, type Deed, type Deployment } from './deeds';
import { order } from './order';
import { ShareDialog } from './ShareDialog';

const WORDS: Record<Exclude<Deed, 'share'>, { title: string; action: string; said: string; danger?: boolean }> = {
    promote: { title: 'Promote to production', action: 'Promote', said: 'It is live.' },
    rollback: { title: 'Roll back to this deployment', action: 'Roll back', said: 'Rolled back. Pushes wait until you unpin.', danger: true },
    redeploy: { title: 'Deploy again', action: 'Deploy', said: 'A new deployment began.' },
    cancel: { title: 'Cancel this deployment', action: 'Cancel the deployment', said: 'Cancelled.', danger: true },
};

// The one question before a deed, with the reason that its history will show.
export function DeedDialog({ deed, deployment, onClose }: { deed: Deed | null; deployment: Deployment; onClose: () => void }) {
    if (deed === 'share') {
        return <ShareDialog deployment={deployment} onClose={onClose} />;
    }
    return deed && <Asked deed={deed} deployment={deployment} onClose={onClose} />;
}

function Asked({ deed, deployment, onClose }: { deed: Exclude<Deed, 'share'>; deployment: Deployment; onClose: () => void }) {
    const [reason, setReason] = useState('');
    const [tip, setTip] = useState<'commit' | 'branch'>('commit');
    const write = useWrite('/v1/projects', '/v1/deployments', '/v1/teams');
    const navigate = useNavigate();
    const words = WORDS[deed];
    const { id, project, branch, commit, environment } = deployment;
    const path = { project };

    const send = async () => {
        if (deed === 'promote') {
            await api.POST('/v1/projects/{project}/promote', { params: { path }, body: { deployment: id, reason } });
        } else if (deed === 'rollback') {
            await api.POST('/v1/projects/{project}/rollback', { params: { path }, body: { to: id, reason } });
        } else if (deed === 'cancel') {
            await api.POST('/v1/deployments/{deployment}/cancel', { params: { path: { deployment: id } } });
        } else {
            const from = tip === 'branch' ? { branch } : { branch, commit };
            const { data } = await api.POST('/v1/projects/{project}/deployments', { params: { path }, body: order({ ...from, environment }) });
            await navigate({ to: '/deployments/$deployment', params: { deployment: data?.id ?? id } });
        }
    };
    return (
        <FormModal opened onClose={onClose} title={words.title} action={words.action} danger={words.danger} write={write} send={send} said={words.said}>
            <Text fw={600}>{titleOf(deployment)}</Text>
            <Text size="sm">{explained(deed, deployment)}</Text>
            {(deed === 'promote' || deed === 'rollback') && (
                <TextInput label="Reason" description="For the history; you may leave it out." value={reason} maxLength={200} onChange={event => setReason(event.currentTarget.value)} data-autofocus />
            )}
            {deed === 'redeploy' && branch && (
                <NativeSelect
                    label="What to deploy"
                    value={tip}
                    onChange={event => setTip(event.currentTarget.value as typeof tip)}
                    data={[{ value: 'commit', label: `This commit, ${commit.slice(0, 7)}` }, { value: 'branch', label: `The newest commit of ${branch}` }]}
                />
            )}
        </FormModal>
    );
}

function explained(deed: Exclude<Deed, 'share'>, { target, environment }: Deployment): string {
    switch (deed) {
        case 'promote':
            return target === 'preview'
                ? 'It was built as a preview, with the variables of previews. Everybody sees exactly these files at once, without a rollout.'
                : 'Everybody sees it at once, without a rollout. A pin from a rollback ends.';
        case 'rollback':
            return 'Nothing is built: visitors get these files, rules and schedules from the moment the pointer moves. Production stays here until somebody promotes or unpins.';
        case 'redeploy':
            return `A new deployment for ${environment}, with the variables and settings as they are now. What was built before from the same inputs is taken as it is.`;
        case 'cancel':
            return 'Its build stops. What is live stays live.';
    }
}
