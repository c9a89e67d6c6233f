import { Button, NumberInput, Stack, TextInput } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { done } from '@/parts/notices';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { Sheet } from '@/parts/Sheet';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';

const TOUCHED = '/v1/projects/{project}/deploy-keys';

// Keys that deploy this project and do nothing else; also the password of its git remote.
export function DeployKeys({ project }: { project: string }) {
    const manages = useMay()('key.manage');
    const path = { project };
    const keys = $api.useInfiniteQuery('get', '/v1/projects/{project}/deploy-keys', { params: { path, query: { limit: 25 } } }, paged);
    const [making, setMaking] = useState(false);
    const [secret, setSecret] = useState<string | null>(null);
    const [ending, setEnding] = useState<{ id: string; name: string } | null>(null);
    const [name, setName] = useState('');
    const [days, setDays] = useState<number | string>(90);
    const write = useWrite(TOUCHED);
    const send = async () => {
        const { data } = await api.POST('/v1/projects/{project}/deploy-keys', { params: { path }, body: { name: name.trim(), expires_in_days: Number(days) || null, rate_per_minute: null } });
        setSecret(data?.secret ?? null);
        setName('');
    };
    const button = manages && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
            New key
        </Button>
    );
    return (
        <Panel title="Deploy keys" about="For CI: such a key deploys this project and nothing else, and is good as the password of the git remote." actions={button} flush>
            <Loaded query={keys} rows={2}>
                {({ pages }) => {
                    const items = pages.flatMap(page => page.items);
                    return items.length ? (
                        <>
                            <Grid
                                name="Deploy keys"
                                rows={items}
                                keyOf={one => one.id}
                                columns={[
                                    { label: 'Name', shows: one => <strong>{one.name}</strong> },
                                    { label: 'Begins with', shows: one => <span className="mono">{one.prefix}</span> },
                                    { label: 'Used', shows: one => <When at={one.last_used_at} /> },
                                    { label: 'Ends', shows: one => (one.expires_at && new Date(one.expires_at).getTime() < Date.now() ? <State of="expired" /> : <When at={one.expires_at} />) },
                                    { label: 'Revoke', hidden: true, shows: one => manages && <Button size="compact-sm" variant="subtle" color="red" aria-label={`Revoke ${one.name}`} onClick={() => setEnding(one)}>Revoke</Button> },
                                ]}
                            />
                            <More of={keys} />
                        </>
                    ) : (
                        <Empty icon={<IconKey />} title="No deploy keys" action={button}>
                            Give a pipeline elsewhere a key of its own.
                        </Empty>
                    );
                }}
            </Loaded>
            <FormModal opened={making} onClose={() => setMaking(false)} title="New deploy key" action="Make it" write={write} send={send} disabled={!name.trim()}>
                <TextInput label="Name" placeholder="CI" value={name} onChange={event => setName(event.currentTarget.value)} error={about(write.fault, '/name')} data-autofocus />
                <NumberInput label="Ends after" description="Empty: never" suffix=" days" min={1} max={3650} value={days} onChange={setDays} error={about(write.fault, '/expires_in_days')} />
            </FormModal>
            <Sheet opened={secret !== null} onClose={() => setSecret(null)} title="The key is made" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
                <Stack>
                    <div>It is shown this one time. Put it where the pipeline keeps its secrets.</div>
                    <Copy whole text={secret ?? ''} what="the key" />
                    <Button onClick={() => setSecret(null)}>I have it</Button>
                </Stack>
            </Sheet>
            <Confirm
                opened={ending !== null}
                onClose={() => setEnding(null)}
                title={`Revoke ${ending?.name ?? ''}`}
                action="Revoke"
                onConfirm={async () => {
                    await api.DELETE('/v1/projects/{project}/deploy-keys/{deploy_key}', { params: { path: { ...path, deploy_key: ending?.id ?? '' } } });
                    stale(TOUCHED);
                    done('The key ends at once.');
                }}
            >
                Whatever deploys with it is refused from now on.
            </Confirm>
        </Panel>
    );
}
