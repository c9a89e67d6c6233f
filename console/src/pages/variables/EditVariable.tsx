import { Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { about, useWrite } from '@/parts/write';
import { ALL, nameFault, scope, TIMES, type Variable, type When } from './variables';

// One variable: its name and place stay once it is there, the rest may change.
export function EditVariable({ project, kept, onClose }: { project: string; kept: Variable | null; onClose: () => void }) {
    const [name, setName] = useState(kept?.name ?? '');
    const [value, setValue] = useState(kept?.value ?? '');
    const [environment, setEnvironment] = useState(kept?.environment ?? ALL);
    const [branch, setBranch] = useState(kept?.branch ?? '');
    const [secret, setSecret] = useState(kept?.secret ?? true);
    const [when, setWhen] = useState<When>(kept?.when ?? 'both');
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } });
    const write = useWrite('/v1/projects/{project}/env');
    const fault = nameFault(name);
    const branched = environment !== ALL && environment !== 'production' && environment !== 'development';
    const send = () =>
        api.PUT('/v1/projects/{project}/env/{name}', { params: { path: { project, name } }, body: { value, environment, branch: branched && branch.trim() ? branch.trim() : null, secret, when } });
    return (
        <FormModal
            opened
            onClose={onClose}
            title={kept ? `${kept.name} of ${scope(kept)}` : 'Add a variable'}
            action={kept ? 'Save' : 'Add'}
            size="lg"
            write={write}
            send={send}
            said={`${name} is kept; the next build finds it.`}
            disabled={!name || fault !== null}
        >
            <TextInput label="Name" placeholder="API_URL" value={name} disabled={kept !== null} onChange={event => setName(event.currentTarget.value.trim())} error={fault ?? about(write.fault, '/name')} autoComplete="off" spellCheck={false} data-autofocus={kept ? undefined : true} />
            <Textarea
                label={kept?.secret ? 'New value' : 'Value'}
                description={kept?.secret ? 'The present one cannot be shown. What you write takes its place.' : undefined}
                rows={3}
                value={value}
                onChange={event => setValue(event.currentTarget.value)}
                error={about(write.fault, '/value')}
                autoComplete="off"
                spellCheck={false}
                data-autofocus={kept ? true : undefined}
            />
            <Select
                label="Belongs to"
                disabled={kept !== null}
                data={[{ value: ALL, label: 'All environments' }, ...(environments.data?.items ?? []).map(one => ({ value: one.name, label: one.name }))]}
                value={environment}
                allowDeselect={false}
                onChange={one => setEnvironment(one ?? ALL)}
                error={about(write.fault, '/environment')}
            />
            {branched && (
                <TextInput label="Only for this branch" description="By its exact name; leave it empty for every branch." placeholder="any" disabled={kept !== null} value={branch} onChange={event => setBranch(event.currentTarget.value)} error={about(write.fault, '/branch')} />
            )}
            <Select label="There" data={TIMES} value={when} allowDeselect={false} onChange={one => setWhen(one as When)} />
            <Switch label="Secret" description="Never shown again, and masked in logs." checked={secret} onChange={event => setSecret(event.currentTarget.checked)} />
        </FormModal>
    );
}
