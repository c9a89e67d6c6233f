import { Button, Group, Stack, Text } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { register, supported } from '@/api/passkeys';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { done, failed } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { When } from '@/parts/When';
import { Codes } from './Codes';
import { NewAuthenticator } from './NewAuthenticator';

type Factor = Schema<'FactorView'>;
const KINDS = { passkey: 'Passkey', totp: 'Authenticator' };

// Passkeys and authenticators; with the first of them come ten codes for the day when it is lost.
export function Factors() {
    const factors = $api.useQuery('get', '/v1/me/factors');
    const elsewhere = ($api.useQuery('get', '/v1/me/identities').data?.items.length ?? 0) > 0;
    const [codes, setCodes] = useState<string[]>();
    const [adding, setAdding] = useState(false);
    const [busy, setBusy] = useState(false);
    const [leaving, setLeaving] = useState<Factor>();
    const got = (found: string[] | undefined) => {
        stale('/v1/me');
        if (found?.length) {
            setCodes(found);
        } else {
            done('It counts from now on.');
        }
    };
    const act = async (deed: () => Promise<string[] | undefined>) => {
        setBusy(true);
        try {
            got(await deed());
        } catch (error) {
            failed(error);
        } finally {
            setBusy(false);
        }
    };
    const passkey = async () => {
        const asked = await api.POST('/v1/me/factors/passkeys/options');
        const credential = await register(asked.data?.options);
        const name = `Passkey of ${new Date().toISOString().slice(0, 10)}`;
        return (await api.POST('/v1/me/factors/passkeys', { body: { name, credential } })).data?.recovery_codes;
    };
    return (
        <Panel title="Second factors and passkeys" about="A passkey signs you in by itself; an authenticator stands beside your password.">
            <Loaded query={factors} rows={2}>
                {({ items, recovery_codes: left }) => (
                    <Stack>
                        {items.length === 0 && (
                            <Notice tone="warn" title={elsewhere ? 'A password, or a sign-in elsewhere, is all that protects this account.' : 'Only a password protects this account.'}>
                                Add a passkey or an authenticator.
                            </Notice>
                        )}
                        {items.map(factor => (
                            <Group key={factor.id} justify="space-between">
                                <div>
                                    <strong>{factor.name}</strong>
                                    <div className="soft">
                                        {KINDS[factor.kind]}, since <When at={factor.created_at} />, last used <When at={factor.used_at} />
                                    </div>
                                </div>
                                <Button size="compact-sm" variant="subtle" color="red" aria-label={`Remove ${factor.name}`} onClick={() => setLeaving(factor)}>
                                    Remove
                                </Button>
                            </Group>
                        ))}
                        <Group gap="sm">
                            {supported() && (
                                <Button leftSection={<IconFingerprint size={16} />} loading={busy} onClick={() => void act(passkey)}>
                                    Add a passkey
                                </Button>
                            )}
                            <Button variant="default" leftSection={<IconDeviceMobile size={16} />} onClick={() => setAdding(true)}>
                                Add an authenticator
                            </Button>
                            {items.length > 0 && (
                                <Button variant="default" loading={busy} onClick={() => void act(async () => (await api.POST('/v1/me/factors/recovery-codes')).data?.recovery_codes)}>
                                    New recovery codes
                                </Button>
                            )}
                        </Group>
                        {items.length > 0 && (
                            <Text size="sm" className="soft">
                                {left} recovery {left === 1 ? 'code is' : 'codes are'} left. New ones end those before.
                            </Text>
                        )}
                    </Stack>
                )}
            </Loaded>
            {adding && <NewAuthenticator onClose={() => setAdding(false)} onDone={got} />}
            {codes && <Codes codes={codes} onClose={() => setCodes(undefined)} />}
            <Confirm
                opened={leaving !== undefined}
                onClose={() => setLeaving(undefined)}
                title={`Remove ${leaving?.name}?`}
                action="Remove"
                onConfirm={async () => {
                    await api.DELETE('/v1/me/factors/{factor}', { params: { path: { factor: leaving?.id ?? '' } } });
                    stale('/v1/me');
                    done(`${leaving?.name} is removed.`);
                }}
            >
                It signs nobody in any more. With your last one all your other sessions end.
            </Confirm>
        </Panel>
    );
}
