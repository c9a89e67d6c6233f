import { Radio, Stack } from '@mantine/core';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { useDraft } from '@/parts/draft';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { SaveBar } from '@/parts/SaveBar';

const MODES = [
    { value: 'open', label: 'Everybody', about: 'Whoever verifies an e-mail address has an account.' },
    { value: 'request', label: 'Whoever asks and is let in', about: 'People say who they are and why; you decide under Access requests.' },
    { value: 'invite', label: 'Whoever is invited', about: 'By a member of a team, to the address that the mail goes to.' },
] as const;

// Who may make an account here.
export function SignUpMode() {
    const settings = $api.useQuery('get', '/v1/admin/settings', {});
    return (
        <Panel title="Who may sign up?">
            <Loaded query={settings} rows={3}>
                {kept => <Modes kept={kept} />}
            </Loaded>
        </Panel>
    );
}

function Modes({ kept }: { kept: Schema<'SettingsView'> }) {
    const draft = useDraft<Schema<'SettingsView'>['sign_up']>(kept.sign_up, kept.version);
    return (
        <>
            <Radio.Group aria-label="Who may sign up" value={draft.value} onChange={value => draft.change(value as typeof draft.value)}>
                <Stack>
                    {MODES.map(mode => (
                        <Radio key={mode.value} value={mode.value} label={mode.label} description={mode.about} />
                    ))}
                </Stack>
            </Radio.Group>
            <SaveBar draft={draft} touches={['/v1/admin/settings', '/v1/auth/providers']} save={() => api.PATCH('/v1/admin/settings', { headers: { 'If-Match': `"${draft.version}"` }, body: { sign_up: draft.value } })} />
        </>
    );
}
