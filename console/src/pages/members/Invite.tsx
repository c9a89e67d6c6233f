import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { FormModal } from '@/parts/FormModal';
import { mayGive, ROLES } from '@/parts/roles';
import { about, useWrite } from '@/parts/write';

// Asks somebody into the team by mail.
export function Invite({ team, role, opened, onClose }: { team: string; role: string; opened: boolean; onClose: () => void }) {
    const [email, setEmail] = useState('');
    const [as, setAs] = useState('developer');
    const write = useWrite('/v1/teams/{team}/invitations');
    const send = async () => {
        await api.POST('/v1/teams/{team}/invitations', { params: { path: { team } }, body: { email: email.trim(), role: as as never } });
        setEmail('');
    };
    return (
        <FormModal opened={opened} onClose={onClose} title="Invite somebody" action="Send the invitation" write={write} send={send} said={`A mail is on its way to ${email.trim()}.`}>
            <TextInput
                label="E-mail"
                type="email"
                required
                data-autofocus
                placeholder="bob@example.com"
                value={email}
                error={about(write.fault, '/email')}
                onChange={event => setEmail(event.currentTarget.value)}
            />
            <Select
                label="Role"
                description="You can give what your own role holds."
                data={ROLES.filter(one => mayGive(role, one))}
                value={as}
                allowDeselect={false}
                onChange={value => setAs(value ?? 'developer')}
            />
        </FormModal>
    );
}
