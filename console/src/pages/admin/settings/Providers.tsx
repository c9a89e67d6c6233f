import { Button, Group, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { useMaybe } from '@/parts/absent';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Fault } from '@/parts/Fault';
import { FormModal } from '@/parts/FormModal';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';
import classes from './Settings.module.css';

const KINDS = [
    { id: 'github', name: 'GitHub', issuer: 'A GitHub Enterprise Server; empty: github.com', needs: false },
    { id: 'google', name: 'Google', issuer: '', needs: false },
    { id: 'gitlab', name: 'GitLab', issuer: 'A GitLab of your own; empty: gitlab.com', needs: false },
    { id: 'bitbucket', name: 'Bitbucket', issuer: '', needs: false },
    { id: 'microsoft', name: 'Microsoft', issuer: 'https://login.microsoftonline.com/<tenant id>/v2.0 lets one organisation in', needs: false },
    { id: 'oidc', name: 'OpenID Connect', issuer: 'Address of the provider', needs: true },
];
type Kind = (typeof KINDS)[number];

// With which accounts of elsewhere people may sign in here.
export function Providers() {
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    return (
        <Panel title="Signing in elsewhere" about="Register CloudDeck at the provider with this address to return to, and enter what it gives you." flush>
            <div className={classes.value}>
                <Loaded query={meta} rows={1}>
                    {({ api: base }) => <Copy text={`${base}/v1/auth/callback`} what="the redirect URI" />}
                </Loaded>
            </div>
            {KINDS.map(kind => (
                <One key={kind.id} kind={kind} />
            ))}
        </Panel>
    );
}

function One({ kind }: { kind: Kind }) {
    const asked = useMaybe('/v1/admin/providers/{provider}', kind.id, 'provider_not_found', () => api.GET('/v1/admin/providers/{provider}', { params: { path: { provider: kind.id } } }));
    const [form, setForm] = useState(false);
    const [gone, setGone] = useState(false);
    const found = asked.data;
    const remove = async () => {
        await api.DELETE('/v1/admin/providers/{provider}', { params: { path: { provider: kind.id } } });
        stale('/v1/admin/providers', '/v1/auth/providers');
        done(`Nobody signs in with ${kind.name} any more.`);
    };
    return (
        <section className={classes.row} aria-label={kind.name}>
            <div>
                <Group gap="sm">
                    <h3>{kind.name}</h3>
                    {found && <State of="on" tone="good" />}
                    {found === null && <State of="off" />}
                </Group>
                {found && (
                    <div className="soft">
                        <span className="mono">{found.client_id}</span>, changed <When at={found.updated_at} />
                    </div>
                )}
                {found === undefined && asked.error && <Fault of={asked.error} again={() => void asked.refetch()} />}
            </div>
            <Group gap="xs">
                <Button size="compact-sm" variant="default" onClick={() => setForm(true)} aria-label={`${found ? 'Change' : 'Set up'} ${kind.name}`}>
                    {found ? 'Change' : 'Set up'}
                </Button>
                {found && (
                    <Button size="compact-sm" variant="subtle" color="red" onClick={() => setGone(true)} aria-label={`Remove ${kind.name}`}>
                        Remove
                    </Button>
                )}
            </Group>
            {form && <Form kind={kind} client={found?.client_id ?? ''} issuer={found?.issuer ?? ''} onClose={() => setForm(false)} />}
            <Confirm opened={gone} onClose={() => setGone(false)} title={`Remove ${kind.name}?`} action="Remove" onConfirm={remove}>
                Identities stay linked and work again when it is back. Whoever has no other way in sets a password by a reset.
            </Confirm>
        </section>
    );
}

function Form({ kind, client, issuer, onClose }: { kind: Kind; client: string; issuer: string; onClose: () => void }) {
    const [id, setId] = useState(client);
    const [secret, setSecret] = useState('');
    const [address, setAddress] = useState(kind.needs || kind.issuer ? issuer : '');
    const write = useWrite('/v1/admin/providers', '/v1/auth/providers');
    const send = () =>
        api.PUT('/v1/admin/providers/{provider}', {
            params: { path: { provider: kind.id } },
            body: { client_id: id.trim(), client_secret: secret, ...(address.trim() ? { issuer: address.trim() } : {}) },
        });
    return (
        <FormModal opened onClose={onClose} title={kind.name} action="Save" write={write} send={send} said={`People can sign in with ${kind.name}.`}>
            <TextInput label="Client ID" required data-autofocus value={id} error={about(write.fault, '/client_id')} onChange={event => setId(event.currentTarget.value)} />
            <PasswordInput label="Client secret" description="Sealed, and never shown again." required autoComplete="off" value={secret} error={about(write.fault, '/client_secret')} onChange={event => setSecret(event.currentTarget.value)} />
            {kind.issuer && <TextInput label="Issuer" description={kind.issuer} type="url" required={kind.needs} value={address} error={about(write.fault, '/issuer')} onChange={event => setAddress(event.currentTarget.value)} />}
        </FormModal>
    );
}
