import { ActionIcon, Button, Group, Stack } from '@mantine/core';
import { IconArrowLeft, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { EditRecords } from './EditRecords';
import { EDITABLE, shortName } from './recordsets';

type Records = Schema<'RecordSetView'>;

// The records of one zone. What cannot be changed here is shown and left alone.
export function Zone({ team, zone, manages, back }: { team: string; zone: Schema<'ZoneView'>; manages: boolean; back: () => void }) {
    const path = { team, zone: zone.name };
    const records = $api.useQuery('get', '/v1/teams/{team}/zones/{zone}/records', { params: { path } });
    const [editing, setEditing] = useState<Records | 'new' | null>(null);
    const [removing, setRemoving] = useState<Records | null>(null);
    const [leaving, setLeaving] = useState(false);
    const editable = (one: Records) => manages && EDITABLE.includes(one.type as never);
    const remove = async () => {
        if (removing) {
            await api.DELETE('/v1/teams/{team}/zones/{zone}/records/{type}/{record}', { params: { path: { ...path, type: removing.type, record: shortName(removing.name, zone.name) } } });
            stale('/v1/teams/{team}/zones');
            done('The records are removed.');
        }
    };
    const leave = async () => {
        await api.DELETE('/v1/teams/{team}/zones/{zone}', { params: { path } });
        stale('/v1/teams/{team}/zones');
        done(`${zone.name} is removed.`);
        back();
    };
    return (
        <Stack>
            <Group justify="space-between">
                <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconArrowLeft size={15} />} onClick={back}>
                    All zones
                </Button>
                {manages && (
                    <Button variant="subtle" color="red" size="compact-sm" leftSection={<IconTrash size={15} />} onClick={() => setLeaving(true)}>
                        Remove zone
                    </Button>
                )}
            </Group>
            <Panel title="Name servers" about={`Your registrar has to name these for ${zone.name}.`}>
                {zone.name_servers.map(server => (
                    <Copy key={server} text={server} what="the name server" />
                ))}
            </Panel>
            <Panel
                title={`Records of ${zone.name}`}
                flush
                actions={
                    manages && (
                        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
                            Add records
                        </Button>
                    )
                }
            >
                <Loaded query={records}>
                    {({ items }) =>
                        items.length ? (
                            <Grid
                                name="Records"
                                rows={items}
                                keyOf={one => `${one.type} ${one.name}`}
                                columns={[
                                    { label: 'Name', shows: one => <span className="mono">{shortName(one.name, zone.name)}</span> },
                                    { label: 'Type', shows: one => <strong className="mono">{one.type}</strong> },
                                    { label: 'Values', shows: one => one.values.map(value => <div className="mono" style={{ overflowWrap: 'anywhere' }} key={value}>{value}</div>) },
                                    { label: 'TTL', shows: one => <span className="numbers" style={{ whiteSpace: 'nowrap' }}>{one.ttl} s</span> },
                                    {
                                        label: 'Change',
                                        hidden: true,
                                        shows: one =>
                                            editable(one) && (
                                                <Group gap={4} wrap="nowrap">
                                                    <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${one.type} ${one.name}`} onClick={() => setEditing(one)}>
                                                        <IconPencil size={16} />
                                                    </ActionIcon>
                                                    <ActionIcon variant="subtle" color="red" aria-label={`Remove ${one.type} ${one.name}`} onClick={() => setRemoving(one)}>
                                                        <IconTrash size={16} />
                                                    </ActionIcon>
                                                </Group>
                                            ),
                                    },
                                ]}
                            />
                        ) : (
                            <Empty title="No records yet">Add the first one, or let a domain of a project write its own.</Empty>
                        )
                    }
                </Loaded>
            </Panel>
            {editing && <EditRecords key={editing === 'new' ? 'new' : editing.type + editing.name} team={team} zone={zone.name} kept={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
            <Confirm opened={removing !== null} onClose={() => setRemoving(null)} title={`Remove ${removing?.type ?? ''} ${removing?.name ?? ''}`} action="Remove" onConfirm={remove}>
                All values of this name and type go. Resolvers may answer with them until their time to live is over.
            </Confirm>
            <Confirm opened={leaving} onClose={() => setLeaving(false)} title={`Remove the zone ${zone.name}`} action="Remove zone" type={zone.name} onConfirm={leave}>
                {zone.provider === 'cloudflare' ? 'The token is forgotten; at Cloudflare the zone stays as it is.' : 'The zone goes with all its records, and its names stop being found.'}
            </Confirm>
        </Stack>
    );
}
