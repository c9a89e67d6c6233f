import { Button, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { Sheet } from '@/parts/Sheet';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';

// Addresses that deploy a branch when somebody calls them.
export function Hooks({ site }: { site: Schema<'ProjectView'> }) {
    const manages = useMay()('hook.manage');
    const path = { project: site.slug };
    const hooks = $api.useQuery('get', '/v1/projects/{project}/hooks', { params: { path } });
    const [making, setMaking] = useState(false);
    const [made, setMade] = useState<string | null>(null);
    const [ending, setEnding] = useState<Schema<'HookView'> | null>(null);
    const [name, setName] = useState('');
    const [branch, setBranch] = useState(site.production_branch || 'main');
    const write = useWrite('/v1/projects/{project}/hooks');
    const send = async () => {
        const { data } = await api.POST('/v1/projects/{project}/hooks', { params: { path }, body: { name: name.trim(), branch: branch.trim() } });
        setMade(data?.url ?? null);
        setName('');
    };
    const button = manages && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
            New hook
        </Button>
    );
    return (
        <Panel title="Deploy hooks" about="Whoever knows the address deploys its branch by calling it, and can do nothing else." actions={button} flush>
            <Loaded query={hooks} rows={2}>
                {({ items }) =>
                    items.length ? (
                        <Grid
                            name="Deploy hooks"
                            rows={items}
                            keyOf={one => one.id}
                            columns={[
                                { label: 'Name', shows: one => <strong>{one.name}</strong> },
                                { label: 'Branch', shows: one => <span className="mono">{one.branch}</span> },
                                { label: 'Called', shows: one => <When at={one.used_at} /> },
                                { label: 'Made', shows: one => <When at={one.created_at} /> },
                                { label: 'Delete', hidden: true, shows: one => manages && <Button size="compact-xs" variant="subtle" color="red" onClick={() => setEnding(one)}>Delete</Button> },
                            ]}
                        />
                    ) : (
                        <Empty icon={<IconWebhook />} title="No hooks" action={button}>
                            A content system calls one when something was written.
                        </Empty>
                    )
                }
            </Loaded>
            <FormModal opened={making} onClose={() => setMaking(false)} title="New deploy hook" action="Make it" write={write} send={send} disabled={!name.trim() || !branch.trim()}>
                <TextInput label="Name" placeholder="CMS" value={name} onChange={event => setName(event.currentTarget.value)} error={about(write.fault, '/name')} data-autofocus />
                <TextInput label="Branch" value={branch} onChange={event => setBranch(event.currentTarget.value)} error={about(write.fault, '/branch')} spellCheck={false} />
            </FormModal>
            <Sheet opened={made !== null} onClose={() => setMade(null)} title="The hook is made">
                <Stack>
                    <div>Its address is shown this one time. Call it with POST:</div>
                    <Copy text={`curl -X POST ${made ?? ''}`} what="the command" />
                    <Copy text={made ?? ''} what="the address" />
                    <Button onClick={() => setMade(null)}>I have it</Button>
                </Stack>
            </Sheet>
            <Confirm
                opened={ending !== null}
                onClose={() => setEnding(null)}
                title={`Delete the hook ${ending?.name ?? ''}`}
                action="Delete"
                onConfirm={async () => {
                    await api.DELETE('/v1/projects/{project}/hooks/{hook}', { params: { path: { ...path, hook: ending?.id ?? '' } } });
                    stale('/v1/projects/{project}/hooks');
                    done('The address ends at once.');
                }}
            >
                Whoever calls its address gets an error from now on.
            </Confirm>
        </Panel>
    );
}
