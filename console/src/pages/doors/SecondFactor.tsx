import { Button, Stack, TextInput } from '@mantine/core';
import { IconFingerprint, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { prove, supported } from '@/api/passkeys';
import { problem } from '@/api/problem';
import type { Schema } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Door } from './Door';

type Method = 'passkey' | 'totp' | 'recovery';
const EASIEST: Method[] = ['passkey', 'totp', 'recovery'];
const OTHER: Record<Method, string> = { passkey: 'Use a passkey instead', totp: 'Use your authenticator instead', recovery: 'Use a recovery code instead' };
const ABOUT: Record<Method, string> = {
    passkey: 'Your device asks for your finger, face or PIN.',
    totp: 'Open your authenticator and type the code that it shows.',
    recovery: 'One of the codes that you kept. Each works once.',
};

// After a password or a provider: something that only the person has.
export function SecondFactor({ challenge, onAnswer, onOver }: { challenge: Schema<'ChallengeView'>; onAnswer: (answer: Schema<'SignIn'> | undefined) => void; onOver: () => void }) {
    const methods = (challenge.methods as Method[]).filter(one => one !== 'passkey' || supported()).sort((a, b) => EASIEST.indexOf(a) - EASIEST.indexOf(b));
    const [method, setMethod] = useState<Method>(methods[0] ?? 'recovery');
    const [code, setCode] = useState('');
    const [busy, setBusy] = useState(false);
    const [fault, setFault] = useState<unknown>();
    const send = async (proof: () => Promise<{ code: string } | { credential: Record<string, unknown> }>) => {
        setBusy(true);
        setFault(undefined);
        try {
            const { data } = await api.POST('/v1/auth/mfa', { body: { code: '', ...(await proof()), challenge: challenge.id, method } });
            onAnswer(data);
        } catch (error) {
            setFault(error);
        } finally {
            setBusy(false);
        }
    };
    const over = fault !== undefined && problem(fault).code === 'challenge_over';
    const turn = (to: Method) => {
        setMethod(to);
        setCode('');
        setFault(undefined);
    };
    return (
        <Door title="One more proof" about={ABOUT[method]} mark={<IconShieldCheck />} more={<Button variant="subtle" size="compact-sm" onClick={onOver}>Start again</Button>}>
            <Stack>
                {fault !== undefined && <Fault of={fault} again={over ? onOver : undefined} />}
                {method === 'passkey' ? (
                    <Button size="md" leftSection={<IconFingerprint size={20} />} loading={busy} onClick={() => void send(async () => ({ credential: await prove(challenge.options) }))}>
                        Use a passkey
                    </Button>
                ) : (
                    <form
                        onSubmit={event => {
                            event.preventDefault();
                            void send(async () => ({ code }));
                        }}
                    >
                        <Stack>
                            <TextInput
                                key={method}
                                label={method === 'totp' ? 'Code of your authenticator' : 'Recovery code'}
                                name="code"
                                required
                                autoFocus
                                size="md"
                                inputMode={method === 'totp' ? 'numeric' : undefined}
                                autoComplete="one-time-code"
                                autoCapitalize="none"
                                spellCheck={false}
                                classNames={{ input: 'mono' }}
                                value={code}
                                onChange={event => setCode(event.currentTarget.value)}
                            />
                            <Button type="submit" size="md" loading={busy}>
                                Go on
                            </Button>
                        </Stack>
                    </form>
                )}
                {methods
                    .filter(one => one !== method)
                    .map(one => (
                        <Button key={one} variant="subtle" color="gray" onClick={() => turn(one)}>
                            {OTHER[one]}
                        </Button>
                    ))}
            </Stack>
        </Door>
    );
}
