import { ActionIcon, Button, Group, TextInput } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';

type Environment = Schema<'EnvironmentView'>;

const BUILT_IN: Record<string, string> = {
    production: 'What visitors get.',
    preview: 'Branches and pull requests.',
    development: 'For people\'s own machines; nothing is deployed to it.',
};

// The environments of a project: three that every one has, and those that people made.
export function Environments({ project }: { project: string }) {
    const manages = useMay()('environment.manage');
    const all = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } });
    const [editing, setEditing] = useState<Environment | 'new' | null>(null);
    const [removing, setRemoving] = useState<Environment | null>(null);
    const remove = async () => {
        if (removing) {
            await api.DELETE('/v1/projects/{project}/environments/{environment}', { params: { path: { project, environment: removing.name } } });
            stale('/v1/projects/{project}/env');
            done(`${removing.name} is deleted.`);
        }
    };
    return (
        <Panel
            title="Environments"
            about="Each has variables of its own; up to 20 of your own beside the three."
            flush
            actions={
                manages && (
                    <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
                        New environment
                    </Button>
                )
            }
        >
            <Loaded query={all}>
                {({ items }) => (
                    <Grid
                        name="Environments"
                        rows={items}
                        keyOf={one => one.name}
                        columns={[
                            { label: 'Name', shows: one => <strong>{one.name}</strong> },
                            { label: 'About', shows: one => <span className="soft">{one.description || BUILT_IN[one.name] || ''}</span> },
                            { label: 'Deployed as', shows: one => (one.target ? <State of={one.target} tone={one.target === 'production' ? 'good' : 'idle'} /> : <span className="soft">not deployed</span>) },
                            { label: 'Made', shows: one => (one.created_at ? <When at={one.created_at} /> : <span className="soft">always there</span>) },
                            {
                                label: 'Change',
                                hidden: true,
                                shows: one =>
                                    manages &&
                                    !one.built_in && (
                                        <Group gap={4} wrap="nowrap">
                                            <ActionIcon variant="subtle" color="gray" aria-label={`Edit ${one.name}`} onClick={() => setEditing(one)}>
                                                <IconPencil size={16} />
                                            </ActionIcon>
                                            <ActionIcon variant="subtle" color="red" aria-label={`Delete ${one.name}`} onClick={() => setRemoving(one)}>
                                                <IconTrash size={16} />
                                            </ActionIcon>
                                        </Group>
                                    ),
                            },
                        ]}
                    />
                )}
            </Loaded>
            {editing && <Edit key={editing === 'new' ? 'new' : editing.name} project={project} kept={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
            <Confirm opened={removing !== null} onClose={() => setRemoving(null)} title={`Delete ${removing?.name ?? ''}`} action="Delete" type={removing?.name} onConfirm={remove}>
                Its variables go with it. What was deployed to it stays until its time is over.
            </Confirm>
        </Panel>
    );
}

function Edit({ project, kept, onClose }: { project: string; kept: Environment | null; onClose: () => void }) {
    const [name, setName] = useState(kept?.name ?? '');
    const [description, setDescription] = useState(kept?.description ?? '');
    const write = useWrite('/v1/projects/{project}/env');
    const send = () =>
        kept
            ? api.PATCH('/v1/projects/{project}/environments/{environment}', { params: { path: { project, environment: kept.name } }, body: { description } })
            : api.POST('/v1/projects/{project}/environments', { params: { path: { project } }, body: { name: name.trim(), description } });
    return (
        <FormModal opened onClose={onClose} title={kept ? kept.name : 'New environment'} action={kept ? 'Save' : 'Create'} write={write} send={send} said={kept ? 'Saved.' : `${name} is there.`} disabled={!name.trim()}>
            <TextInput label="Name" placeholder="staging" description="Up to 20 of a-z, 0-9 and single hyphens, beginning with a letter." value={name} disabled={kept !== null} onChange={event => setName(event.currentTarget.value)} error={about(write.fault, '/name')} autoComplete="off" />
            <TextInput label="What it is for" value={description} onChange={event => setDescription(event.currentTarget.value)} error={about(write.fault, '/description')} />
        </FormModal>
    );
}
