import { Button, Divider, Stack, Text, TextInput } from '@mantine/core';
import { IconMailFast } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/client';
import { Fault } from '@/parts/Fault';
import { about, useWrite } from '@/parts/write';
import { Door } from './Door';
import { useEntered } from './entered';
import { Resend } from './Resend';
import { useOffer } from './offer';
import { Password } from './Password';
import { Providers } from './Providers';

// Name, address and password. Who was invited proved the address by the mail, so they are in at once; everybody else
// gets a mail first.
export function NewAccount({ invitation, email: given, onDone, more }: { invitation: string; email: string; onDone: () => void; more: ReactNode }) {
    const [name, setName] = useState('');
    const [email, setEmail] = useState(given);
    const [password, setPassword] = useState('');
    const [mailed, setMailed] = useState(false);
    const write = useWrite();
    const enter = useEntered('');
    const offered = (useOffer().data?.items.length ?? 0) > 0;
    const send = async () => {
        await api.POST('/v1/auth/sign-up', { body: invitation ? { name, email, password, invitation } : { name, email, password } });
        onDone();
        if (invitation) {
            // The API says the same whether the address had an account; whoever knows its password may come in.
            const answer = await api.POST('/v1/auth/login', { body: { email, password } }).catch(() => undefined);
            if (answer?.data?.access_token) {
                enter(answer.data);
                return;
            }
        }
        setMailed(true);
    };
    if (mailed) {
        return (
            <Door title="Look into your mail" mark={<IconMailFast />} tone="good" more={more}>
                <Stack>
                    <Text>
                        {invitation ? 'We wrote to ' : 'We sent a link to '}
                        <strong>{email}</strong>
                        {invitation ? '. If it has an account already, sign in with that one.' : '. Open it within 24 hours, and the account is yours.'}
                    </Text>
                    {!invitation && <Resend email={email} />}
                </Stack>
            </Door>
        );
    }
    return (
        <Door title="Make an account" about={invitation ? 'You were invited. Use the address that the invitation came to.' : undefined} more={more}>
            <Stack>
                <form
                    onSubmit={event => {
                        event.preventDefault();
                        void write.run(send);
                    }}
                >
                    <Stack gap="sm">
                        {write.fault && <Fault of={write.fault} />}
                        <TextInput label="Name" name="name" required autoFocus autoComplete="name" value={name} error={about(write.fault, '/name')} onChange={event => setName(event.currentTarget.value)} />
                        <TextInput label="E-mail" name="email" type="email" required autoComplete="email" value={email} error={about(write.fault, '/email')} onChange={event => setEmail(event.currentTarget.value)} />
                        <Password value={password} error={about(write.fault, '/password')} onChange={setPassword} />
                        <Button type="submit" mt="xs" loading={write.busy}>
                            Make it
                        </Button>
                    </Stack>
                </form>
                {offered && <Divider label="or" labelPosition="center" />}
                <Providers to="" invitation={invitation} />
            </Stack>
        </Door>
    );
}
