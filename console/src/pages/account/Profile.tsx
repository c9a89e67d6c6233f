import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { about, useWrite } from '@/parts/write';
import { useMe, useTeams } from '@/shell/where';
import { Link } from '@tanstack/react-router';

// Who one is here: name, picture, address, teams.
export function Profile() {
    const me = useMe();
    return (
        <Page title="Profile" about="How others see you, and where we write to.">
            <Loaded query={me}>{({ user }) => user && <Person key={user.version} user={user} />}</Loaded>
            <Teams />
        </Page>
    );
}

function Person({ user }: { user: Schema<'UserView'> }) {
    const [name, setName] = useState(user.name);
    const [avatar, setAvatar] = useState(user.avatar_url ?? '');
    const [moving, setMoving] = useState(false);
    const write = useWrite('/v1/me', '/v1/teams');
    const changed = name.trim() !== user.name || avatar.trim() !== (user.avatar_url ?? '');
    const save = () =>
        write.run(
            () => api.PATCH('/v1/me', { body: { name: name.trim(), avatar_url: avatar.trim() || null }, headers: { 'If-Match': `"${user.version}"` } }),
            'Your profile is kept.',
        );
    return (
        <Panel title="You">
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void save();
                }}
            >
                <Stack maw={520}>
                    <TextInput label="Name" required value={name} maxLength={100} error={about(write.fault, '/name')} onChange={event => setName(event.currentTarget.value)} autoComplete="name" />
                    <TextInput
                        label="Picture"
                        description="An address that begins with https://. Empty: your initials."
                        value={avatar}
                        error={about(write.fault, '/avatar_url')}
                        onChange={event => setAvatar(event.currentTarget.value)}
                        autoComplete="off"
                    />
                    {write.fault && write.fault.errors.length === 0 && <Fault of={write.fault} />}
                    <Group>
                        <Button type="submit" loading={write.busy} disabled={!changed || !name.trim()}>
                            Save
                        </Button>
                    </Group>
                    <div>
                        <Text fw={500} size="sm">
                            E-mail
                        </Text>
                        <Group gap="sm">
                            <span>{user.email}</span>
                            <State of={user.verified ? 'verified' : 'not verified'} tone={user.verified ? 'good' : 'warn'} />
                            <Button size="compact-sm" variant="default" onClick={() => setMoving(true)}>
                                Change
                            </Button>
                        </Group>
                    </div>
                </Stack>
            </form>
            {moving && <NewAddress now={user.email} onClose={() => setMoving(false)} />}
        </Panel>
    );
}

function NewAddress({ now, onClose }: { now: string; onClose: () => void }) {
    const [email, setEmail] = useState('');
    const write = useWrite('/v1/me');
    return (
        <FormModal opened onClose={onClose} title="Change the address" action="Send the link" write={write} send={() => api.POST('/v1/me/email', { body: { email: email.trim() } })} said={`A link is on its way to ${email.trim()}.`}>
            <Text size="sm">The account moves when the link in that mail is opened. {now} is told about it.</Text>
            <TextInput label="New e-mail" type="email" required data-autofocus value={email} error={about(write.fault, '/email')} onChange={event => setEmail(event.currentTarget.value)} autoComplete="email" />
        </FormModal>
    );
}

function Teams() {
    const teams = useTeams();
    return (
        <Panel title="Teams" about="Where you work, and as what.">
            <Stack gap="xs">
                {teams.map(team => (
                    <Group key={team.id} justify="space-between">
                        <Link to="/teams/$team" params={{ team: team.slug }}>
                            {team.name}
                        </Link>
                        <span className="soft">{team.role}</span>
                    </Group>
                ))}
            </Stack>
        </Panel>
    );
}
