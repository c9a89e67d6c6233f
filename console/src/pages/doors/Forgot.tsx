import { Button, Stack, Text, TextInput } from '@mantine/core';
import { IconMailFast } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { about, useWrite } from '@/parts/write';
import { Door } from './Door';
import { withSingleSignOn } from './pkce';
import { Refused } from './Refused';

const BACK = <a href="/sign-in">Back to the sign-in</a>;

export function Forgot() {
    const [email, setEmail] = useState('');
    const [sent, setSent] = useState(false);
    const write = useWrite();
    const send = async () => {
        await api.POST('/v1/auth/reset', { body: { email } });
        setSent(true);
    };
    if (sent) {
        return (
            <Door title="Look into your mail" mark={<IconMailFast />} tone="good" more={BACK}>
                <Text>
                    If there is an account with <strong>{email}</strong>, a link is on its way. It works once, for an hour.
                </Text>
            </Door>
        );
    }
    return (
        <Door title="Forgot the password" about="We send a link with which you choose a new one." more={BACK}>
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void write.run(send);
                }}
            >
                <Stack>
                    {write.fault && <Refused why={write.fault} email={email} onSingleSignOn={() => void write.run(() => withSingleSignOn(email, ''))} />}
                    <TextInput label="E-mail" name="email" type="email" required autoFocus autoComplete="email" value={email} error={about(write.fault, '/email')} onChange={event => setEmail(event.currentTarget.value)} />
                    <Button type="submit" loading={write.busy}>
                        Send a link
                    </Button>
                </Stack>
            </form>
        </Door>
    );
}
