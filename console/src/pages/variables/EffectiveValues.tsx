import { Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { $api } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { explained, HIDDEN } from './variables';

// Which values a deployment of an environment and branch would find, and why these.
export function EffectiveValues({ project }: { project: string }) {
    const [environment, setEnvironment] = useState('production');
    const [typed, setTyped] = useState('');
    const [when, setWhen] = useState<'build' | 'run'>('build');
    const [branch] = useDebouncedValue(typed.trim(), 400);
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } });
    const branched = environment !== 'production' && environment !== 'development';
    const found = $api.useQuery('get', '/v1/projects/{project}/env/effective', {
        params: { path: { project }, query: { environment, when, ...(branched && branch ? { branch } : {}) } },
    });
    return (
        <Panel title="What a build finds" about="Of several values of one name, which counts, and before what it stands." flush>
            <Group p="md" gap="sm" align="flex-end">
                <Select label="Environment" data={(environments.data?.items ?? [{ name: 'production' }]).map(one => one.name)} value={environment} allowDeselect={false} onChange={one => setEnvironment(one ?? 'production')} />
                {branched && <TextInput label="Branch" placeholder="any" value={typed} onChange={event => setTyped(event.currentTarget.value)} />}
                <SegmentedControl aria-label="When" data={[{ value: 'build', label: 'While building' }, { value: 'run', label: 'While running' }]} value={when} onChange={one => setWhen(one as 'build' | 'run')} />
            </Group>
            <Loaded query={found}>
                {({ items }) =>
                    items.length ? (
                        <Grid
                            name="Values that count"
                            rows={items}
                            keyOf={one => one.name}
                            columns={[
                                { label: 'Name', shows: one => <strong className="mono" style={{ overflowWrap: 'anywhere' }}>{one.name}</strong> },
                                {
                                    label: 'Value',
                                    shows: one =>
                                        one.value === null ? (
                                            <Group gap={4} className="soft" wrap="nowrap">
                                                <IconLock size={14} aria-hidden="true" /> {HIDDEN[one.hidden ?? ''] ?? 'not shown'}
                                            </Group>
                                        ) : (
                                            <div style={{ maxWidth: '18rem' }}><Copy text={one.value} what={`the value of ${one.name}`} /></div>
                                        ),
                                },
                                { label: 'From', shows: one => <State of={one.source} tone={one.source === 'system' ? 'idle' : one.source === 'branch' ? 'warn' : 'good'} /> },
                                { label: 'Why this one', shows: one => <span className="soft">{explained(one)}</span> },
                            ]}
                        />
                    ) : (
                        <Empty title="Nothing is there then">No variable counts for this environment at this time.</Empty>
                    )
                }
            </Loaded>
        </Panel>
    );
}
