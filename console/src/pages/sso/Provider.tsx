import { Button, FileButton, Group, PasswordInput, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { about, useWrite } from '@/parts/write';
import { Ours } from './Ours';
import type { Sso } from './Setup';

// Who the provider is. What is left empty of what is kept stays as it is.
export function Provider({ team, id, manages, sso, onNext }: { team: string; id: string; manages: boolean; sso: Sso | undefined; onNext: () => void }) {
    const [kind, setKind] = useState<'oidc' | 'saml'>(sso?.kind ?? 'oidc');
    const [issuer, setIssuer] = useState(sso?.kind === 'oidc' ? sso.issuer : '');
    const [client, setClient] = useState(sso?.client_id ?? '');
    const [secret, setSecret] = useState('');
    const [xml, setXml] = useState('');
    const [role, setRole] = useState(sso?.default_role ?? 'viewer');
    const write = useWrite('/v1/teams/{team}/sso');
    const locked = !manages || (sso?.enforced ?? false);
    const other = sso !== undefined && sso.kind !== kind;
    const save = async () => {
        const theirs = kind === 'oidc' ? { issuer: issuer.trim(), client_id: client.trim(), ...(secret ? { client_secret: secret } : {}) } : xml.trim() ? { metadata_xml: xml.trim() } : {};
        const put = () => api.PUT('/v1/teams/{team}/sso', { params: { path: { team } }, body: { kind, default_role: role as never, ...theirs } });
        if (await write.run(put, 'The provider is set up. Try it next.')) {
            onNext();
        }
    };
    return (
        <>
            <SegmentedControl
                aria-label="Protocol"
                value={kind}
                onChange={value => setKind(value as typeof kind)}
                disabled={locked}
                style={{ alignSelf: 'start' }}
                data={[
                    { value: 'oidc', label: 'OpenID Connect' },
                    { value: 'saml', label: 'SAML 2.0' },
                ]}
            />
            <Ours team={team} id={id} kind={kind} sso={sso} />
            <Panel title="Its values" about={sso?.enforced ? 'While single sign-on is enforced the provider is not replaced; a certificate can be.' : 'What your identity provider gave you.'}>
                <form
                    onSubmit={event => {
                        event.preventDefault();
                        void save();
                    }}
                >
                    <Stack>
                        {kind === 'oidc' ? (
                            <>
                                <TextInput label="Issuer" required type="url" placeholder="https://idp.example.com" disabled={locked} value={issuer} error={about(write.fault, '/issuer')} onChange={event => setIssuer(event.currentTarget.value)} />
                                <TextInput label="Client ID" required disabled={locked} value={client} error={about(write.fault, '/client_id')} onChange={event => setClient(event.currentTarget.value)} />
                                <PasswordInput label="Client secret" required={!sso || other} description={sso && !other ? 'Empty: the one that is kept.' : 'Sealed, and never shown again.'} autoComplete="off" disabled={!manages} value={secret} error={about(write.fault, '/client_secret')} onChange={event => setSecret(event.currentTarget.value)} />
                            </>
                        ) : (
                            <>
                                <Textarea label="Metadata of the provider" required={!sso || other} description={sso?.kind === 'saml' ? `Kept: ${sso.issuer}, ${sso.certificates} certificates. Empty: that one.` : 'The XML, as text or from a file.'} autosize minRows={4} maxRows={12} spellCheck={false} disabled={!manages} value={xml} error={about(write.fault, '/metadata_xml')} onChange={event => setXml(event.currentTarget.value)} />
                                {manages && (
                                    <FileButton accept=".xml,text/xml,application/xml" onChange={file => void file?.text().then(setXml)}>
                                        {props => (
                                            <Button {...props} variant="default" size="compact-md" style={{ alignSelf: 'start' }}>
                                                Take a file
                                            </Button>
                                        )}
                                    </FileButton>
                                )}
                            </>
                        )}
                        <Select label="Role of newcomers" description="A role that somebody has already stays." data={['viewer', 'developer', 'billing', 'admin']} value={role} allowDeselect={false} disabled={!manages} onChange={value => setRole(value ?? 'viewer')} />
                        {write.fault && <Fault of={write.fault} />}
                        {manages && (
                            <Group justify="flex-end">
                                <Button type="submit" loading={write.busy}>
                                    Save the provider
                                </Button>
                            </Group>
                        )}
                    </Stack>
                </form>
            </Panel>
        </>
    );
}
