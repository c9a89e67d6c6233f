import { ActionIcon, Button, Group, Select, TextInput } from '@mantine/core';
import { IconBraces, IconHistory, IconLock, IconPencil, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { When } from '@/parts/When';
import { EditVariable } from './EditVariable';
import { History } from './History';
import { ALL, branches, scope, WHENS, type Variable } from './variables';

// Every variable that people set, as it is kept.
export function Kept({ project }: { project: string }) {
    const may = useMay();
    const all = $api.useQuery('get', '/v1/projects/{project}/env', { params: { path: { project } } });
    const [said, setSaid] = useState('');
    const [environment, setEnvironment] = useState('');
    const [branch, setBranch] = useState('');
    const [editing, setEditing] = useState<Variable | 'new' | null>(null);
    const [removing, setRemoving] = useState<Variable | null>(null);
    const [past, setPast] = useState<string | null>(null);
    const writes = may('env.write');
    const remove = async () => {
        if (removing) {
            const query = { environment: removing.environment, ...(removing.branch ? { branch: removing.branch } : {}) };
            await api.DELETE('/v1/projects/{project}/env/{name}', { params: { path: { project, name: removing.name }, query } });
            stale('/v1/projects/{project}/env');
            done(`${removing.name} is removed.`);
        }
    };
    const add = writes && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
            Add variable
        </Button>
    );
    return (
        <Panel title="Variables" about="That of a branch counts before that of its environment, and that before one of all." actions={add} flush>
            <Loaded query={all}>
                {({ items }) => {
                    const environments = [...new Set(items.map(one => one.environment))].sort();
                    const shown = items.filter(
                        one => one.name.toLowerCase().includes(said.trim().toLowerCase()) && (!environment || one.environment === environment) && (!branch || one.branch === branch),
                    );
                    if (!items.length) {
                        return (
                            <Empty icon={<IconBraces />} title="No variables yet" action={add}>
                                Set one here, or paste a whole .env file under Edit as .env. The next build finds them.
                            </Empty>
                        );
                    }
                    return (
                        <>
                            <Group gap="sm" p="md">
                                <TextInput aria-label="Search by name" placeholder="Search by name" leftSection={<IconSearch size={15} />} value={said} onChange={event => setSaid(event.currentTarget.value)} />
                                <Select aria-label="Environment" data={[{ value: '', label: 'Every environment' }, ...environments.map(one => ({ value: one, label: one === ALL ? 'Those of all' : one }))]} value={environment} allowDeselect={false} onChange={one => setEnvironment(one ?? '')} />
                                {branches(items).length > 0 && (
                                    <Select aria-label="Branch" data={[{ value: '', label: 'Every branch' }, ...branches(items)]} value={branch} allowDeselect={false} onChange={one => setBranch(one ?? '')} />
                                )}
                            </Group>
                            {shown.length === 0 && <Empty title="Nothing fits">No variable has this in its name here.</Empty>}
                            {shown.length > 0 && (
                                <Grid
                                    name="Variables"
                                    rows={shown}
                                    keyOf={one => `${one.name} ${one.environment} ${one.branch ?? ''}`}
                                    columns={[
                                        { label: 'Name', shows: one => <strong className="mono" style={{ overflowWrap: 'anywhere' }}>{one.name}</strong> },
                                        { label: 'Value', shows: one => <Value of={one} /> },
                                        { label: 'Belongs to', shows: one => scope(one) },
                                        { label: 'There at', shows: one => WHENS[one.when] },
                                        { label: 'Changed', shows: one => <span className="soft"><When at={one.updated_at} /> (version {one.version})</span> },
                                        {
                                            label: 'Change',
                                            hidden: true,
                                            shows: one => (
                                                <Group gap={4} wrap="nowrap">
                                                    <ActionIcon variant="subtle" color="gray" aria-label={`History of ${one.name}`} onClick={() => setPast(one.name)}>
                                                        <IconHistory size={16} />
                                                    </ActionIcon>
                                                    {writes && (
                                                        <>
                                                            <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${one.name} of ${scope(one)}`} onClick={() => setEditing(one)}>
                                                                <IconPencil size={16} />
                                                            </ActionIcon>
                                                            <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${one.name} of ${scope(one)}`} onClick={() => setRemoving(one)}>
                                                                <IconTrash size={16} />
                                                            </ActionIcon>
                                                        </>
                                                    )}
                                                </Group>
                                            ),
                                        },
                                    ]}
                                />
                            )}
                        </>
                    );
                }}
            </Loaded>
            {editing && <EditVariable key={editing === 'new' ? 'new' : editing.name + scope(editing)} project={project} kept={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
            {past && <History project={project} name={past} onClose={() => setPast(null)} />}
            <Confirm opened={removing !== null} onClose={() => setRemoving(null)} title={`Delete ${removing?.name ?? ''}`} action="Delete" onConfirm={remove}>
                {removing && `The value of ${scope(removing)} goes. What is built already keeps it; the next build does without.`}
            </Confirm>
        </Panel>
    );
}

function Value({ of }: { of: Variable }) {
    if (of.value === null) {
        return (
            <Group gap={4} className="soft" wrap="nowrap">
                <IconLock size={14} aria-hidden="true" /> {of.secret ? 'secret' : 'not for your role'}
            </Group>
        );
    }
    return <div style={{ maxWidth: '16rem' }}><Copy text={of.value} what={`the value of ${of.name}`} /></div>;
}
