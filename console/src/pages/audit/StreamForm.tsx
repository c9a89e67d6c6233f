import { Checkbox, PasswordInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { about, useWrite } from '@/parts/write';

const KINDS = {
    https: { label: 'HTTPS', url: 'https://collector.example.com/entries', token: 'Secret that signs what is sent' },
    datadog: { label: 'Datadog', url: 'https://http-intake.logs.datadoghq.eu', token: 'API key' },
    splunk: { label: 'Splunk', url: 'https://splunk.example.com:8088', token: 'HEC token' },
};
type Kind = keyof typeof KINDS;

// Sets up a collector. The token is sealed and never shown again, and goes to no other host than it was given for.
export function StreamForm({ team, stream, onClose }: { team: string; stream: Schema<'StreamView'> | undefined; onClose: () => void }) {
    const [name, setName] = useState(stream?.name ?? '');
    const [kind, setKind] = useState<Kind>((stream?.kind as Kind | undefined) ?? 'https');
    const [url, setUrl] = useState(stream?.url ?? '');
    const [token, setToken] = useState('');
    const [start, setStart] = useState(false);
    const write = useWrite('/v1/teams/{team}/audit');
    const send = () =>
        api.PUT('/v1/teams/{team}/audit/streams/{stream}', {
            params: { path: { team, stream: name.trim() } },
            body: { kind, url: url.trim(), ...(token ? { token } : {}), from_start: start },
        });
    return (
        <FormModal opened onClose={onClose} title={stream ? `Change ${stream.name}` : 'New stream'} action="Save" write={write} send={send} said="Entries are on their way.">
            {!stream && <TextInput label="Name" required data-autofocus placeholder="siem" value={name} error={about(write.fault, '/name')} onChange={event => setName(event.currentTarget.value)} />}
            <Select label="Kind" data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))} value={kind} allowDeselect={false} onChange={value => setKind(value as Kind)} />
            <TextInput label="Address" required type="url" placeholder={KINDS[kind].url} value={url} error={about(write.fault, '/url')} onChange={event => setUrl(event.currentTarget.value)} />
            <PasswordInput
                label={KINDS[kind].token}
                required={!stream}
                description={stream ? 'Empty: the one that is kept, as long as the host stays the same.' : undefined}
                autoComplete="off"
                value={token}
                error={about(write.fault, '/token')}
                onChange={event => setToken(event.currentTarget.value)}
            />
            <Checkbox label="Begin with the oldest entry" checked={start} onChange={event => setStart(event.currentTarget.checked)} />
        </FormModal>
    );
}
