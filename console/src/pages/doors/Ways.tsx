import { Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconBuilding, IconFingerprint } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { prove, supported } from '@/api/passkeys';
import type { Schema } from '@/api/query';
import { usePasskeyAutofill, type Chosen } from './autofill';
import { Refused } from './Refused';
import { withSingleSignOn } from './pkce';
import { Providers } from './Providers';
import { useOffer } from './offer';

type Busy = '' | 'password' | 'passkey' | 'sso';

// Every way of signing in that this installation has. One thing runs at a time; what went wrong stands above it all.
export function Ways({ to, onAnswer }: { to: string; onAnswer: (answer: Schema<'SignIn'> | undefined) => void }) {
    const offer = useOffer().data;
    const [email, setEmail] = useState('');
    const [password, setPassword] = useState('');
    const [work, setWork] = useState(false);
    const [busy, setBusy] = useState<Busy>('');
    const [fault, setFault] = useState<unknown>();
    const run = async (what: Busy, act: () => Promise<void>) => {
        setBusy(what);
        setFault(undefined);
        try {
            await act();
        } catch (error) {
            setFault(error);
        } finally {
            setBusy('');
        }
    };
    const signIn = async (chosen: Chosen) => onAnswer((await api.POST('/v1/auth/passkey', { body: chosen })).data);
    const stop = usePasskeyAutofill(!work, chosen => void run('passkey', () => signIn(chosen)));
    const byPassword = () => run('password', async () => onAnswer((await api.POST('/v1/auth/login', { body: { email, password } })).data));
    const byPasskey = () =>
        run('passkey', async () => {
            stop();
            const { data } = await api.POST('/v1/auth/passkey/options');
            await signIn({ challenge: data?.challenge ?? '', credential: await prove(data?.options) });
        });
    const bySingleSignOn = () => run('sso', () => withSingleSignOn(email, to));
    const turn = () => {
        setWork(!work);
        setFault(undefined);
    };
    return (
        <Stack>
            {fault !== undefined && <Refused why={fault} email={email} onSingleSignOn={() => void bySingleSignOn()} />}
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void (work ? bySingleSignOn() : byPassword());
                }}
            >
                <Stack gap="sm">
                    <TextInput
                        label={work ? 'Work e-mail' : 'E-mail'}
                        name={work ? 'work' : 'email'}
                        type="email"
                        required
                        autoFocus
                        autoComplete={work ? 'email' : 'username webauthn'}
                        value={email}
                        onChange={event => setEmail(event.currentTarget.value)}
                    />
                    {!work && (
                        <PasswordInput
                            label="Password"
                            name="password"
                            required
                            autoComplete="current-password"
                            value={password}
                            onChange={event => setPassword(event.currentTarget.value)}
                        />
                    )}
                    <Button type="submit" mt="xs" loading={busy === 'password' || busy === 'sso'}>
                        {work ? 'Single sign-on' : 'Sign in'}
                    </Button>
                    {!work && (
                        <Link to="/forgot" className="soft" style={{ alignSelf: 'center', fontSize: 'var(--mantine-font-size-sm)', padding: '0.2rem 0' }}>
                            Forgot the password?
                        </Link>
                    )}
                </Stack>
            </form>
            <Divider label="or" labelPosition="center" />
            <Stack gap="xs">
                {supported() && !work && (
                    <Button variant="default" leftSection={<IconFingerprint size={18} />} loading={busy === 'passkey'} onClick={() => void byPasskey()}>
                        With a passkey
                    </Button>
                )}
                {!work && (offer?.items.length ?? 0) > 0 && <Providers to={to} />}
                <Button variant="default" leftSection={work ? undefined : <IconBuilding size={18} />} onClick={turn}>
                    {work ? 'Sign in another way' : 'With single sign-on'}
                </Button>
            </Stack>
        </Stack>
    );
}
