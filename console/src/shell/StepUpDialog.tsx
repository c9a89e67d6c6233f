import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { prove } from '@/api/passkeys';
import { Fault } from '@/parts/Fault';
import { Sheet } from '@/parts/Sheet';

interface Props {
    methods: string[];
    options: unknown;
    onProven: () => void;
    onRefused: () => void;
}

// Asks for one of the proofs that an account has, and sends it.
export function StepUpDialog({ methods, options, onProven, onRefused }: Props) {
    const [fault, setFault] = useState<unknown>();
    const [busy, setBusy] = useState(false);
    const send = async (proof: () => Promise<Record<string, unknown>>) => {
        setBusy(true);
        try {
            await api.POST('/v1/auth/step-up', { body: (await proof()) as never });
            onProven();
        } catch (error) {
            setFault(error);
        } finally {
            setBusy(false);
        }
    };
    return (
        <Sheet opened onClose={onRefused} title="Is it you?">
            <Stack>
                <Text className="soft">What you are about to do asks for a fresh proof.</Text>
                {fault !== undefined && <Fault of={fault} />}
                {methods.includes('passkey') && (
                    <Button loading={busy} onClick={() => void send(async () => ({ method: 'passkey', credential: await prove(options) }))}>
                        Use a passkey
                    </Button>
                )}
                {(['totp', 'recovery', 'password'] as const)
                    .filter(method => methods.includes(method))
                    .map(method => (
                        <Typed key={method} method={method} busy={busy} send={given => void send(async () => given)} />
                    ))}
                {methods.includes('sign_in') && <Text>Sign in again, the way you did, and come back: this account has no other proof.</Text>}
                <Button variant="default" onClick={onRefused}>
                    Cancel
                </Button>
            </Stack>
        </Sheet>
    );
}

const LABELS = { totp: 'Code of your authenticator', recovery: 'Recovery code', password: 'Password' };

function Typed({ method, busy, send }: { method: keyof typeof LABELS; busy: boolean; send: (proof: Record<string, string>) => void }) {
    const [value, setValue] = useState('');
    const field = { label: LABELS[method], value, onChange: (event: React.ChangeEvent<HTMLInputElement>) => setValue(event.currentTarget.value), required: true };
    return (
        <form
            onSubmit={event => {
                event.preventDefault();
                send(method === 'password' ? { password: value } : { method, code: value });
            }}
        >
            <Stack gap="xs">
                {method === 'password' ? (
                    <PasswordInput {...field} name="password" autoComplete="current-password" data-autofocus />
                ) : (
                    <TextInput {...field} name="code" inputMode={method === 'totp' ? 'numeric' : undefined} autoComplete="one-time-code" />
                )}
                <Button type="submit" loading={busy}>
                    Go on
                </Button>
            </Stack>
        </form>
    );
}
