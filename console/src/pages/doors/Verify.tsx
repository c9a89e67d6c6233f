import { Button, Stack, Text, TextInput } from '@mantine/core';
import { IconMailCheck, IconMailQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useSignedIn } from '@/api/session';
import { Fault } from '@/parts/Fault';
import { useWrite } from '@/parts/write';
import { Door } from './Door';
import { useLetter } from './letter';
import { Resend } from './Resend';

// Where the mail of a sign-up and of a new address leads. It waits for a press: mail programs open links by themselves.
export function Verify() {
    const [token, forget] = useLetter('token');
    const [proved, setProved] = useState('');
    const write = useWrite('/v1/me');
    const signedIn = useSignedIn();
    const verify = async () => {
        const { data } = await api.POST('/v1/auth/verify', { body: { token } });
        forget();
        setProved(data?.email ?? '');
    };
    if (proved) {
        return (
            <Door title="Verified" mark={<IconMailCheck />} tone="good" about={<><strong>{proved}</strong> is verified.</>}>
                <Button component="a" href={signedIn ? '/account' : '/sign-in'} fullWidth>
                    {signedIn ? 'To your account' : 'Sign in'}
                </Button>
            </Door>
        );
    }
    if (!token) {
        return <Again />;
    }
    return (
        <Door title="Verify the address" mark={<IconMailCheck />} about="This address is yours?">
            <Stack>
                {write.fault && <Fault of={write.fault} />}
                <Button loading={write.busy} onClick={() => void write.run(verify)}>
                    Yes, verify it
                </Button>
                {write.fault && <a href="/verify" onClick={forget}>Have another mail sent</a>}
            </Stack>
        </Door>
    );
}

// Somebody who came without a link, or whose link is over.
function Again() {
    const [email, setEmail] = useState('');
    return (
        <Door title="Verify your address" mark={<IconMailQuestion />} about="Open the link in our mail. If it is lost or over, have another one sent." more={<a href="/sign-in">To the sign-in</a>}>
            <Stack>
                <TextInput label="E-mail" name="email" type="email" autoComplete="email" value={email} onChange={event => setEmail(event.currentTarget.value)} />
                {/.@./.test(email) ? <Resend key={email} email={email} /> : <Text className="soft">The address that you signed up with.</Text>}
            </Stack>
        </Door>
    );
}
