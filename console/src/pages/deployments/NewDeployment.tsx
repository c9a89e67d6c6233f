import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { useWrite } from '@/parts/write';
import { useProject } from '@/shell/where';
import { order } from './order';

// Deploy a branch, tag or commit of the repository, to an environment that one chooses or to where its branch leads.
export function NewDeployment({ project, onClose }: { project: string; onClose: () => void }) {
    const branch = useProject(project).data?.production_branch || 'main';
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } });
    const [from, setFrom] = useState(branch);
    const [environment, setEnvironment] = useState('');
    const write = useWrite('/v1/projects', '/v1/deployments', '/v1/teams');
    const navigate = useNavigate();
    const send = async () => {
        const reference = /^[0-9a-f]{40}$/.test(from.trim()) ? { commit: from.trim() } : { branch: from.trim() };
        const { data } = await api.POST('/v1/projects/{project}/deployments', { params: { path: { project } }, body: order({ ...reference, environment: environment || null }) });
        await navigate({ to: '/deployments/$deployment', params: { deployment: data?.id ?? '' } });
    };
    return (
        <FormModal opened onClose={onClose} title="Deploy" action="Deploy" write={write} send={send} disabled={!from.trim()} said="A new deployment began.">
            <Text size="sm">The newest commit of a branch, or a commit by its whole id, is fetched from the repository and built.</Text>
            <TextInput label="Branch or commit" value={from} onChange={event => setFrom(event.currentTarget.value)} required data-autofocus />
            <NativeSelect
                label="Environment"
                value={environment}
                onChange={event => setEnvironment(event.currentTarget.value)}
                data={[{ value: '', label: `Production for ${branch}, else preview` }, ...(environments.data?.items.map(one => one.name) ?? [])]}
            />
        </FormModal>
    );
}
