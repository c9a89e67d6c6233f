import { Avatar, Group, Stack, TextInput } from '@mantine/core';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { useDraft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/roles';
import { SaveBar } from '@/parts/SaveBar';

// Name, logo and the address for bills. Whoever may not see bills does not see the address either.
export function Identity({ team, changes }: { team: Schema<'TeamDetails'>; changes: boolean }) {
    const draft = useDraft({ name: team.name, logo: team.logo_url ?? '', billing: team.billing_email ?? '' }, team.version);
    const { value, change } = draft;
    const billed = permits(team.role, 'billing.read');
    const save = () =>
        api.PATCH('/v1/teams/{team}', {
            params: { path: { team: team.id } },
            headers: { 'If-Match': `"${draft.version}"` },
            body: {
                ...(value.name.trim() !== team.name ? { name: value.name.trim() } : {}),
                ...(value.logo.trim() !== (team.logo_url ?? '') ? { logo_url: value.logo.trim() || null } : {}),
                ...(value.billing.trim() !== (team.billing_email ?? '') ? { billing_email: value.billing.trim() || null } : {}),
            },
        });
    return (
        <Panel title="Team">
            <Stack>
                <Group wrap="nowrap">
                    <Avatar src={value.logo || null} name={value.name} color="initials" size={56} radius="md" alt="" aria-hidden="true" />
                    <Stack gap={2} miw={0}>
                        <Copy text={team.slug} what="the slug" />
                        <Copy text={team.id} what="the id of the team" />
                    </Stack>
                </Group>
                <TextInput label="Name" disabled={!changes} value={value.name} onChange={event => change({ ...value, name: event.currentTarget.value })} />
                <TextInput label="Address of a logo" type="url" placeholder="https://example.com/logo.png" disabled={!changes} value={value.logo} onChange={event => change({ ...value, logo: event.currentTarget.value })} />
                {billed && <TextInput label="E-mail for bills" type="email" placeholder="accounts@example.com" disabled={!changes} value={value.billing} onChange={event => change({ ...value, billing: event.currentTarget.value })} />}
                <span className="soft">
                    Plan: {team.plan}. Your role: {team.role}.
                </span>
            </Stack>
            {changes && <SaveBar draft={draft} save={save} touches={['/v1/teams', '/v1/me']} disabled={!value.name.trim()} />}
        </Panel>
    );
}
