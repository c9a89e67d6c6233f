import { PasswordInput, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { useDraft } from '@/parts/draft';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { SaveBar } from '@/parts/SaveBar';
import { Shares } from './Shares';

type View = Schema<'AccessView'>;

// Whether visitors have to sign in or know a password, and links for those who shall not.
export function Access({ project }: { project: string }) {
    const access = $api.useQuery('get', '/v1/projects/{project}/access', { params: { path: { project } } });
    return (
        <Stack>
            <Loaded query={access}>
                {found => (
                    <>
                        <Choice project={project} kept={found} />
                        <Shares project={project} guarded={found.scope !== 'none'} />
                    </>
                )}
            </Loaded>
        </Stack>
    );
}

const LONG_ENOUGH = 8;

function Choice({ project, kept }: { project: string; kept: View }) {
    const protects = useMay()('site.protect');
    const draft = useDraft<{ scope: View['scope']; mode: 'password' | 'team' }>({ scope: kept.scope, mode: kept.mode ?? 'team' });
    const [password, setPassword] = useState('');
    const { scope, mode } = draft.value;
    const path = { project };
    const needs = scope !== 'none' && mode === 'password';
    const fresh = needs && kept.mode !== 'password';
    const save = async () => {
        if (scope === 'none') {
            await api.DELETE('/v1/projects/{project}/access', { params: { path } });
        } else {
            await api.PUT('/v1/projects/{project}/access', { params: { path }, body: { scope, mode, password: needs && password ? password : null } });
        }
        setPassword('');
    };
    return (
        <Panel title="Who may see the site">
            <Stack>
                <Radio.Group label="What is protected" value={scope} onChange={value => draft.change({ ...draft.value, scope: value as View['scope'] })}>
                    <Stack gap="xs" mt="xs">
                        <Radio value="none" label="Nothing" description="Everybody may see all of it." disabled={!protects} />
                        <Radio value="previews" label="Previews" description="Every address but production: deployments, branches, pull requests, environments." disabled={!protects} />
                        <Radio value="all" label="Everything" description="Production and your domains as well." disabled={!protects} />
                    </Stack>
                </Radio.Group>
                {scope !== 'none' && (
                    <Radio.Group label="Who gets in" value={mode} onChange={value => draft.change({ ...draft.value, mode: value as 'password' | 'team' })}>
                        <Stack gap="xs" mt="xs">
                            <Radio value="team" label="Members of the team" description="Whoever is signed in here and may see the project's deployments." disabled={!protects} />
                            <Radio value="password" label="Whoever knows the password" description="Members need it too, or a share link." disabled={!protects} />
                        </Stack>
                    </Radio.Group>
                )}
                {needs && (
                    <PasswordInput
                        label={fresh ? 'Password' : 'New password'}
                        description={fresh ? '8 to 200 characters. It is never shown again.' : 'Leave it empty to keep the present one. A new one ends every cookie and share link.'}
                        value={password}
                        onChange={event => {
                            setPassword(event.currentTarget.value);
                            draft.change({ ...draft.value });
                        }}
                        error={password && password.length < LONG_ENOUGH ? 'At least 8 characters.' : undefined}
                        autoComplete="new-password"
                        disabled={!protects}
                    />
                )}
                {draft.dirty && kept.mode !== null && scope !== 'none' && mode !== kept.mode && <Notice tone="warn">Another way in ends everything that was given out: open visits and share links.</Notice>}
            </Stack>
            {protects && (
                <SaveBar draft={draft} save={save} said="Every edge knows it within a minute." touches={['/v1/projects/{project}/access', '/v1/projects/{project}/shares']} disabled={(fresh && password.length < LONG_ENOUGH) || (needs && password !== '' && password.length < LONG_ENOUGH)} />
            )}
        </Panel>
    );
}
