import { ActionIcon, Button, Group, Select, Switch, TextInput } from '@mantine/core';
import { IconClock, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';

type Schedule = Schema<'ScheduleView'>;

const TOUCHED = '/v1/projects/{project}/schedules';
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter(zone => zone !== 'UTC')];

// Times at which a branch is deployed by itself.
export function Schedules({ site }: { site: Schema<'ProjectView'> }) {
    const manages = useMay()('hook.manage');
    const path = { project: site.slug };
    const schedules = $api.useQuery('get', '/v1/projects/{project}/schedules', { params: { path } });
    const [editing, setEditing] = useState<Schedule | 'new' | null>(null);
    const [ending, setEnding] = useState<Schedule | null>(null);
    const button = manages && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
            New schedule
        </Button>
    );
    return (
        <Panel title="Schedules" about="A branch is deployed at its times. Those of clouddeck.toml go with the live release and are changed there." actions={button} flush>
            <Loaded query={schedules} rows={2}>
                {({ items }) =>
                    items.length ? (
                        <Grid
                            name="Schedules"
                            rows={items}
                            keyOf={one => one.id}
                            columns={[
                                { label: 'Name', shows: one => <><strong>{one.name}</strong> {one.release && <span className="soft">from clouddeck.toml</span>}</> },
                                { label: 'Times', shows: one => <><span className="mono">{one.cron}</span> <span className="soft">{one.timezone}</span></> },
                                { label: 'Branch', shows: one => <span className="mono">{one.branch}</span> },
                                { label: 'Next', shows: one => (one.enabled ? <When at={one.next_at} /> : <State of="off" />) },
                                { label: 'Last', shows: one => <When at={one.last_at} /> },
                                {
                                    label: 'Change',
                                    hidden: true,
                                    shows: one =>
                                        manages &&
                                        !one.release && (
                                            <Group gap={4} wrap="nowrap">
                                                <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${one.name}`} onClick={() => setEditing(one)}>
                                                    <IconPencil size={16} />
                                                </ActionIcon>
                                                <ActionIcon variant="subtle" color="red" aria-label={`Delete ${one.name}`} onClick={() => setEnding(one)}>
                                                    <IconTrash size={16} />
                                                </ActionIcon>
                                            </Group>
                                        ),
                                },
                            ]}
                        />
                    ) : (
                        <Empty icon={<IconClock />} title="No schedules" action={button}>
                            A site that shows what changes elsewhere can be built every night.
                        </Empty>
                    )
                }
            </Loaded>
            {editing && <Edit key={editing === 'new' ? 'new' : editing.id} site={site} kept={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
            <Confirm
                opened={ending !== null}
                onClose={() => setEnding(null)}
                title={`Delete the schedule ${ending?.name ?? ''}`}
                action="Delete"
                onConfirm={async () => {
                    await api.DELETE('/v1/projects/{project}/schedules/{schedule}', { params: { path: { ...path, schedule: ending?.id ?? '' } } });
                    stale(TOUCHED);
                    done('The schedule is deleted.');
                }}
            >
                Nothing is deployed at its times any more.
            </Confirm>
        </Panel>
    );
}

function Edit({ site, kept, onClose }: { site: Schema<'ProjectView'>; kept: Schedule | null; onClose: () => void }) {
    const [value, setValue] = useState({
        name: kept?.name ?? '', branch: kept?.branch ?? (site.production_branch || 'main'), cron: kept?.cron ?? '0 3 * * *',
        timezone: kept?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone, enabled: kept?.enabled ?? true,
    });
    const write = useWrite(TOUCHED);
    const path = { project: site.slug };
    const send = () =>
        kept
            ? api.PATCH('/v1/projects/{project}/schedules/{schedule}', { params: { path: { ...path, schedule: kept.id } }, body: value })
            : api.POST('/v1/projects/{project}/schedules', { params: { path }, body: value });
    return (
        <FormModal opened onClose={onClose} title={kept ? kept.name : 'New schedule'} action={kept ? 'Save' : 'Make it'} write={write} send={send} said="The schedule is kept." disabled={!value.name.trim() || !value.cron.trim()}>
            <TextInput label="Name" placeholder="Nightly" value={value.name} onChange={event => setValue({ ...value, name: event.currentTarget.value })} error={about(write.fault, '/name')} data-autofocus />
            <TextInput label="Times" description="Minute, hour, day of the month, month, day of the week: 0 3 * * * is every night at three." value={value.cron} onChange={event => setValue({ ...value, cron: event.currentTarget.value })} error={about(write.fault, '/cron')} spellCheck={false} />
            <Select label="Time zone" data={ZONES} value={value.timezone} searchable allowDeselect={false} limit={60} onChange={one => setValue({ ...value, timezone: one ?? 'UTC' })} error={about(write.fault, '/timezone')} />
            <TextInput label="Branch" value={value.branch} onChange={event => setValue({ ...value, branch: event.currentTarget.value })} error={about(write.fault, '/branch')} spellCheck={false} />
            <Switch label="On" checked={value.enabled} onChange={event => setValue({ ...value, enabled: event.currentTarget.checked })} />
        </FormModal>
    );
}
