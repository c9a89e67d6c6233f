import { Button, Group } from '@mantine/core';
import { IconPlus, IconShare3 } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done, failed } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { StreamForm } from './StreamForm';

type Stream = Schema<'StreamView'>;

// Where entries go as they are written: collectors of the team's own.
export function Streams({ team, manages }: { team: string; manages: boolean }) {
    const list = $api.useQuery('get', '/v1/teams/{team}/audit/streams', { params: { path: { team } } });
    const [form, setForm] = useState<{ stream?: Stream }>();
    const [gone, setGone] = useState<Stream>();
    const test = $api.useMutation('post', '/v1/teams/{team}/audit/streams/{stream}/test', {
        onSuccess: said => (said.ok ? done('The collector took a test entry.') : failed(new Error(`The collector did not take it: ${said.error || `it answered ${said.status}`}`))),
        onError: failed,
    });
    const remove = async () => {
        await api.DELETE('/v1/teams/{team}/audit/streams/{stream}', { params: { path: { team, stream: gone?.name ?? '' } } });
        stale('/v1/teams/{team}/audit');
        done('The stream is removed.');
    };
    const begin = manages && (
        <Button size="compact-md" leftSection={<IconPlus size={16} />} onClick={() => setForm({})}>
            New stream
        </Button>
    );
    return (
        <Panel title="Streams" about="In order, at least once. Up to five." actions={begin} flush>
            <Loaded query={list} rows={1}>
                {({ items }) =>
                    items.length === 0 ? (
                        <Empty icon={<IconShare3 />} title="No streams">
                            Send entries to Datadog, Splunk, or any HTTPS address. Kept elsewhere, they show also what no look at this log could find.
                        </Empty>
                    ) : (
                        <Grid
                            name="Streams"
                            rows={items}
                            keyOf={one => one.name}
                            columns={[
                                { label: 'Name', shows: one => <><strong>{one.name}</strong><div className="soft">{one.kind}</div></> },
                                { label: 'Address', shows: one => <span className="mono">{one.url}</span> },
                                { label: 'State', shows: one => <Health of={one} /> },
                                { label: 'Has all until', shows: one => <>entry {one.delivered.toLocaleString('en')} <div className="soft">{one.delivered_at ? <When at={one.delivered_at} /> : 'nothing was sent yet'}</div></> },
                                {
                                    label: 'What can be done',
                                    hidden: true,
                                    shows: one =>
                                        manages && (
                                            <Group gap="xs" justify="flex-end">
                                                <Button size="compact-sm" variant="default" aria-label={`Test ${one.name}`} loading={test.isPending && test.variables?.params.path.stream === one.name} onClick={() => test.mutate({ params: { path: { team, stream: one.name } } })}>
                                                    Test
                                                </Button>
                                                <Button size="compact-sm" variant="default" aria-label={`Change ${one.name}`} onClick={() => setForm({ stream: one })}>
                                                    Change
                                                </Button>
                                                <Button size="compact-sm" variant="subtle" color="red" aria-label={`Remove ${one.name}`} onClick={() => setGone(one)}>
                                                    Remove
                                                </Button>
                                            </Group>
                                        ),
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
            {form && <StreamForm team={team} stream={form.stream} onClose={() => setForm(undefined)} />}
            <Confirm opened={gone !== undefined} onClose={() => setGone(undefined)} title={`Remove ${gone?.name}?`} action="Remove" onConfirm={remove}>
                Nothing more is sent to {gone?.url}. Its token is forgotten.
            </Confirm>
        </Panel>
    );
}

function Health({ of }: { of: Stream }) {
    return (
        <>
            <State of={of.state} tone={of.state === 'running' ? 'good' : undefined} />
            {of.error && <div className="soft">{of.error}</div>}
            {of.state === 'failing' && of.next_try_at && <div className="soft">next try <When at={of.next_try_at} /></div>}
            {of.state === 'paused' && <div className="soft">Save it again to go on where it was.</div>}
        </>
    );
}
