import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { about, useWrite } from '@/parts/write';

const LEAST = 10;

// A new password ends every other session.
export function Password() {
    const [current, setCurrent] = useState('');
    const [password, setPassword] = useState('');
    const write = useWrite('/v1/me');
    const send = async () => {
        const kept = await write.run(() => api.PUT('/v1/me/password', { body: { password, current: current || null } }), 'Your password is another one now. Your other sessions are over.');
        if (kept) {
            setCurrent('');
            setPassword('');
        }
    };
    return (
        <Panel title="Password" about="At least ten characters. Your other sessions end with the old one.">
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void send();
                }}
            >
                <Stack maw={420}>
                    <PasswordInput label="Present password" description="Leave it empty if you never had one." value={current} autoComplete="current-password" error={about(write.fault, '/current')} onChange={event => setCurrent(event.currentTarget.value)} />
                    <PasswordInput label="New password" required value={password} autoComplete="new-password" error={about(write.fault, '/password')} onChange={event => setPassword(event.currentTarget.value)} />
                    {write.fault && write.fault.errors.length === 0 && <Fault of={write.fault} />}
                    <Group>
                        <Button type="submit" variant="default" loading={write.busy} disabled={password.length < LEAST}>
                            Change the password
                        </Button>
                    </Group>
                </Stack>
            </form>
        </Panel>
    );
}
