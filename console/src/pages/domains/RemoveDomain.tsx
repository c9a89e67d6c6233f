import { Checkbox, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';

export function RemoveDomain({ project, domain, opened, onClose }: { project: string; domain: string; opened: boolean; onClose: () => void }) {
    const [release, setRelease] = useState(false);
    const navigate = useNavigate();
    const remove = async () => {
        await api.DELETE('/v1/projects/{project}/domains/{domain}', { params: { path: { project, domain }, query: { release } } });
        stale('/v1/projects/{project}/domains', '/v1/teams/{team}/domains');
        done(`${domain} is being taken off.`);
        void navigate({ to: `/projects/${project}/domains` });
    };
    return (
        <Confirm opened={opened} onClose={onClose} title={`Remove ${domain}`} action="Remove" type={domain} onConfirm={remove}>
            <Text mb="sm">It is taken off every place of the edge, and its certificate is given up. Your team can add it again at any time.</Text>
            <Checkbox
                checked={release}
                onChange={event => setRelease(event.currentTarget.checked)}
                label="Let other teams have it at once"
                description="Otherwise they have to wait a day, in case this was a mistake."
            />
        </Confirm>
    );
}
