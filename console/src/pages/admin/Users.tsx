import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUsers } from '@tabler/icons-react';
import { $api } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Admins } from './Admins';
import classes from './Users.module.css';
import { UserDrawer } from './UserDrawer';

// Everybody who has an account here.
export function Users() {
    return (
        <Admins title="Users" about="Everybody who has an account here.">
            {() => <Found />}
        </Admins>
    );
}

function Found() {
    const [query, setQuery] = useInAddress('query', '');
    const [status, setStatus] = useInAddress('status', '');
    const [admin, setAdmin] = useInAddress('admin', '');
    const [shown, show] = useInAddress('user', '');
    const [settled] = useDebouncedValue(query, 250);
    const list = $api.useInfiniteQuery(
        'get',
        '/v1/admin/users',
        { params: { query: { limit: 50, query: settled.trim() || undefined, status: (status || undefined) as never, admin: admin ? admin === 'true' : undefined } } },
        paged,
    );
    return (
        <>
            <Group gap="sm" className={classes.filters}>
                <TextInput className={classes.search} aria-label="Search for people" placeholder="Beginning of an e-mail, or part of a name" leftSection={<IconSearch size={16} />} value={query} onChange={event => setQuery(event.currentTarget.value)} />
                <Select aria-label="State" placeholder="Any state" clearable data={['pending', 'active', 'suspended']} value={status || null} onChange={value => setStatus(value ?? '')} />
                <Select
                    aria-label="Runs the installation"
                    placeholder="Everybody"
                    clearable
                    data={[
                        { value: 'true', label: 'Administrators' },
                        { value: 'false', label: 'All others' },
                    ]}
                    value={admin || null}
                    onChange={value => setAdmin(value ?? '')}
                />
            </Group>
            <Panel flush>
                <Loaded query={list}>
                    {({ pages }) => {
                        const rows = pages.flatMap(page => page.items);
                        return rows.length === 0 ? (
                            <Empty icon={<IconUsers />} title="Nobody like that">
                                {list.hasNextPage ? 'Not among those looked at so far; there are more.' : 'Search by the beginning of an e-mail address, or any part of a name.'}
                            </Empty>
                        ) : (
                            <Grid
                                name="Users"
                                rows={rows}
                                keyOf={user => user.id}
                                columns={[
                                    {
                                        label: 'Person',
                                        shows: user => (
                                            <>
                                                <button type="button" className={classes.open} onClick={() => show(user.id)}>
                                                    {user.name}
                                                </button>
                                                <div className="soft">{user.email}</div>
                                            </>
                                        ),
                                    },
                                    { label: 'State', shows: user => <State of={user.status} /> },
                                    { label: 'Role', shows: user => (user.admin ? 'administrator' : <span className="soft">-</span>) },
                                    { label: 'Second factors', shows: user => <span className="numbers">{user.factors}</span> },
                                    { label: 'Since', shows: user => <When at={user.created_at} /> },
                                    {
                                        label: 'What can be done',
                                        hidden: true,
                                        shows: user => (
                                            <Button size="compact-sm" variant="default" onClick={() => show(user.id)} aria-label={`Open ${user.name}`}>
                                                Open
                                            </Button>
                                        ),
                                    },
                                ]}
                            />
                        );
                    }}
                </Loaded>
            </Panel>
            <More of={list} />
            {shown && <UserDrawer user={shown} onClose={() => show(null)} />}
        </>
    );
}
