import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Loaded } from '@/parts/Loaded';
import { done, failed } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { When } from '@/parts/When';
import { link, useLinked } from './linking';

// Accounts elsewhere by which one may sign in.
export function Identities() {
    const identities = $api.useQuery('get', '/v1/me/identities');
    const offer = $api.useQuery('get', '/v1/auth/providers', {}, { staleTime: 60_000 });
    const [leaving, setLeaving] = useState<string>();
    useLinked();
    const providers = offer.data?.items ?? [];
    const linked = identities.data?.items ?? [];
    const name = linked.find(one => one.provider === leaving)?.name ?? leaving;
    if (providers.length === 0 && linked.length === 0) {
        return null;
    }
    return (
        <Panel title="Accounts elsewhere" about="Sign in with them, too.">
            <Loaded query={identities} rows={1}>
                {({ items }) => (
                    <Stack>
                        {items.map(one => (
                            <Group key={one.provider} justify="space-between">
                                <div>
                                    <strong>{one.name}</strong>
                                    <div className="soft">
                                        {one.email}, since <When at={one.linked_at} />
                                    </div>
                                </div>
                                <Button size="compact-sm" variant="subtle" color="red" aria-label={`Unlink ${one.name}`} onClick={() => setLeaving(one.provider)}>
                                    Unlink
                                </Button>
                            </Group>
                        ))}
                        <Group gap="sm">
                            {providers
                                .filter(provider => !items.some(one => one.provider === provider.id))
                                .map(provider => (
                                    <Button key={provider.id} variant="default" onClick={() => void link(provider.id).catch(failed)}>
                                        Link {provider.name}
                                    </Button>
                                ))}
                        </Group>
                        {items.length === 0 && <Text className="soft">None yet.</Text>}
                    </Stack>
                )}
            </Loaded>
            <Confirm
                opened={leaving !== undefined}
                onClose={() => setLeaving(undefined)}
                title={`Unlink ${name}?`}
                action="Unlink"
                onConfirm={async () => {
                    await api.DELETE('/v1/me/identities/{provider}', { params: { path: { provider: leaving ?? '' } } });
                    stale('/v1/me/identities');
                    done(`${name} signs you in no longer.`);
                }}
            >
                You cannot sign in with it any more. What you made stays yours.
            </Confirm>
        </Panel>
    );
}
