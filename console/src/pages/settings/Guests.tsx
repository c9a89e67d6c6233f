import { Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { done } from '@/parts/notices';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';

const TOUCHED = '/v1/projects/{project}/members';
const ROLES = [{ value: 'admin', label: 'Admin' }, { value: 'developer', label: 'Developer' }, { value: 'viewer', label: 'Viewer' }];

type Role = Schema<'ProjectRole'>['role'];

// People who have a role in this project beside that of the team, or none in the team at all.
export function Guests({ project }: { project: string }) {
    const manages = useMay()('member.manage');
    const path = { project };
    const members = $api.useInfiniteQuery('get', '/v1/projects/{project}/members', { params: { path, query: { limit: 25 } } }, paged);
    const [adding, setAdding] = useState(false);
    const [leaving, setLeaving] = useState<Schema<'ProjectMemberView'> | null>(null);
    const [email, setEmail] = useState('');
    const [role, setRole] = useState<Role>('developer');
    const write = useWrite(TOUCHED);
    const give = (user: string, given: Role) => api.PUT('/v1/projects/{project}/members/{user}', { params: { path: { ...path, user } }, body: { role: given } });
    const button = manages && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
            Add guest
        </Button>
    );
    return (
        <Panel title="Guests" about="A role in this project alone, for people of the team or from outside it." actions={button} flush>
            <Loaded query={members} rows={2}>
                {({ pages }) => {
                    const items = pages.flatMap(page => page.items);
                    return items.length ? (
                        <>
                            <Grid
                                name="Guests"
                                rows={items}
                                keyOf={one => one.user}
                                columns={[
                                    { label: 'Name', shows: one => <strong>{one.name}</strong> },
                                    { label: 'E-mail', shows: one => <span style={{ overflowWrap: 'anywhere' }}>{one.email}</span> },
                                    { label: 'Role', shows: one => (manages ? <Select size="xs" aria-label={`Role of ${one.name}`} data={ROLES} value={one.role} allowDeselect={false} onChange={next => void write.run(() => give(one.user, next as Role), 'The role is changed.')} w={130} /> : one.role) },
                                    { label: 'Since', shows: one => <When at={one.joined_at} /> },
                                    { label: 'Remove', hidden: true, shows: one => manages && <Button size="compact-xs" variant="subtle" color="red" onClick={() => setLeaving(one)}>Remove</Button> },
                                ]}
                            />
                            <More of={members} />
                        </>
                    ) : (
                        <Empty icon={<IconUsers />} title="No guests" action={button}>
                            Everybody of the team has the role that they have there.
                        </Empty>
                    );
                }}
            </Loaded>
            <FormModal
                opened={adding}
                onClose={() => setAdding(false)}
                title="Add a guest"
                action="Add"
                write={write}
                send={async () => {
                    await give(email.trim(), role);
                    setEmail('');
                }}
                said="They have the role from their next request on."
                disabled={!email.trim()}
            >
                <TextInput label="E-mail" description="Of an account that is there" type="email" value={email} onChange={event => setEmail(event.currentTarget.value)} error={about(write.fault, '/user')} data-autofocus />
                <Select label="Role" data={ROLES} value={role} allowDeselect={false} onChange={one => setRole(one as Role)} />
            </FormModal>
            <Confirm
                opened={leaving !== null}
                onClose={() => setLeaving(null)}
                title={`Remove ${leaving?.name ?? ''}`}
                action="Remove"
                onConfirm={async () => {
                    await api.DELETE('/v1/projects/{project}/members/{user}', { params: { path: { ...path, user: leaving?.user ?? '' } } });
                    stale(TOUCHED);
                    done('They are no guest any more.');
                }}
            >
                They lose their role in this project at once; one that they have in the team stays.
            </Confirm>
        </Panel>
    );
}
