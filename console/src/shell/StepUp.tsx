import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { api, proveWith } from '@/api/client';
import { prove } from '@/api/passkeys';
import { Problem } from '@/api/problem';
import { Fault } from '@/parts/Fault';

interface Asked {
    methods: string[];
    options: unknown;
    done: () => void;
    refused: (why: Problem) => void;
}

const NOTHING_CHANGED = new Problem(401, 'step_up_refused', 'Nothing was changed.', 'What you wanted to do asks for a fresh proof of who you are.');

// Some deeds ask for a fresh proof of identity. This dialog gets it, and what was asked for goes on.
export function StepUp() {
    const [asked, setAsked] = useState<Asked>();
    const [fault, setFault] = useState<unknown>();
    const [busy, setBusy] = useState(false);
    const waiting = useRef<Promise<void> | undefined>(undefined);

    useEffect(() => {
        proveWith(() => {
            waiting.current ??= begin().finally(() => {
                waiting.current = undefined;
            });
            return waiting.current;
        });
        async function begin(): Promise<void> {
            const { data } = await api.POST('/v1/auth/step-up/options');
            await new Promise<void>((done, refused) => {
                setFault(undefined);
                setAsked({ methods: data?.methods ?? ['password'], options: data?.options, done, refused });
            });
        }
    }, []);

    if (!asked) {
        return null;
    }
    const close = () => {
        setAsked(undefined);
        asked.refused(NOTHING_CHANGED);
    };
    const send = async (proof: () => Promise<Record<string, unknown>>) => {
        setBusy(true);
        try {
            await api.POST('/v1/auth/step-up', { body: (await proof()) as never });
            setAsked(undefined);
            asked.done();
        } catch (error) {
            setFault(error);
        } finally {
            setBusy(false);
        }
    };
    return (
        <Modal opened onClose={close} title="Is it you?">
            <Stack>
                <Text className="soft">What you are about to do asks for a fresh proof.</Text>
                {fault !== undefined && <Fault of={fault} />}
                {asked.methods.includes('passkey') && (
                    <Button loading={busy} onClick={() => void send(async () => ({ method: 'passkey', credential: await prove(asked.options) }))}>
                        Use a passkey
                    </Button>
                )}
                {(['totp', 'recovery', 'password'] as const)
                    .filter(method => asked.methods.includes(method))
                    .map(method => (
                        <Typed key={method} method={method} busy={busy} send={given => void send(async () => given)} />
                    ))}
                {asked.methods.includes('sign_in') && <Text>Sign in again, the way you did, and come back: this account has no other proof.</Text>}
                <Button variant="default" onClick={close}>
                    Cancel
                </Button>
            </Stack>
        </Modal>
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
