import { Button, Stack } from '@mantine/core';
import { IconLinkOff, IconLockCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { keep } from '@/api/session';
import { Fault } from '@/parts/Fault';
import { about, useWrite } from '@/parts/write';
import { Door } from './Door';
import { useLetter } from './letter';
import { Password } from './Password';

// Where the mail for a forgotten password leads.
export function Reset() {
    const [token, forget] = useLetter('token');
    const [password, setPassword] = useState('');
    const [changed, setChanged] = useState(false);
    const write = useWrite();
    const send = async () => {
        await api.POST('/v1/auth/reset/confirm', { body: { token, password } });
        forget();
        keep(null);
        setChanged(true);
    };
    if (changed) {
        return (
            <Door title="Changed" mark={<IconLockCheck />} tone="good" about="Every session of yours was ended.">
                <Button component="a" href="/sign-in" fullWidth>
                    Sign in
                </Button>
            </Door>
        );
    }
    if (!token) {
        return (
            <Door title="This link is not whole" mark={<IconLinkOff />} tone="warn" about="It carries nothing that says whose password to change. Open the link in the mail again, or ask for another one.">
                <Button component="a" href="/forgot" fullWidth>
                    Ask for another link
                </Button>
            </Door>
        );
    }
    return (
        <Door title="Choose a new password" about="It ends every session of yours." more={write.fault && <a href="/forgot">Ask for another link</a>}>
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void write.run(send);
                }}
            >
                <Stack>
                    {write.fault && <Fault of={write.fault} />}
                    <Password label="New password" value={password} error={about(write.fault, '/password')} onChange={setPassword} autoFocus />
                    <Button type="submit" loading={write.busy}>
                        Keep it
                    </Button>
                </Stack>
            </form>
        </Door>
    );
}
