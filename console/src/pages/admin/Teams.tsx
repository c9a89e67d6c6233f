import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuildingSkyscraper, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
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
import { GrantPlan } from './GrantPlan';
import classes from './Users.module.css';
import { WithReason } from './WithReason';

type Team = Schema<'AdminTeamView'>;

// Every team of the installation, with its plan.
export function Teams() {
    return (
        <Admins title="Teams" about="Every team of this installation, and the plan it has.">
            {() => <Found />}
        </Admins>
    );
}

function Found() {
    const [query, setQuery] = useInAddress('query', '');
    const [status, setStatus] = useInAddress('status', '');
    const [settled] = useDebouncedValue(query, 250);
    const [asked, setAsked] = useState<{ deed: 'suspend' | 'restore' | 'plan'; team: Team }>();
    const list = $api.useInfiniteQuery('get', '/v1/admin/teams', { params: { query: { limit: 50, query: settled.trim() || undefined, status: (status || undefined) as never } } }, paged);
    return (
        <>
            <Group gap="sm" className={classes.filters}>
                <TextInput className={classes.search} aria-label="Search for teams" placeholder="Beginning of a slug, or part of a name" leftSection={<IconSearch size={16} />} value={query} onChange={event => setQuery(event.currentTarget.value)} />
                <Select aria-label="State" placeholder="Any state" clearable data={['active', 'suspended']} value={status || null} onChange={value => setStatus(value ?? '')} />
            </Group>
            <Panel flush>
                <Loaded query={list}>
                    {({ pages }) => {
                        const rows = pages.flatMap(page => page.items);
                        return rows.length === 0 ? (
                            <Empty icon={<IconBuildingSkyscraper />} title="No team like that">
                                {list.hasNextPage ? 'Not among those looked at so far; there are more.' : 'Search by the beginning of a slug, or any part of a name.'}
                            </Empty>
                        ) : (
                            <Grid
                                name="Teams"
                                rows={rows}
                                keyOf={team => team.id}
                                columns={[
                                    { label: 'Team', shows: team => <><strong>{team.name}</strong><div className="soft mono">{team.slug}</div></> },
                                    { label: 'State', shows: team => <State of={team.status} /> },
                                    { label: 'Plan', shows: team => <Plan of={team} /> },
                                    { label: 'Since', shows: team => <When at={team.created_at} /> },
                                    { label: 'What can be done', hidden: true, shows: team => <Deeds of={team} onPick={deed => setAsked({ deed, team })} /> },
                                ]}
                            />
                        );
                    }}
                </Loaded>
            </Panel>
            <More of={list} />
            {asked?.deed === 'plan' && <GrantPlan team={asked.team} onClose={() => setAsked(undefined)} />}
            {asked && asked.deed !== 'plan' && <Standing suspend={asked.deed === 'suspend'} team={asked.team} onClose={() => setAsked(undefined)} />}
        </>
    );
}

function Plan({ of }: { of: Team }) {
    return (
        <>
            {of.plan}
            {of.granted_plan && (
                <div className="soft">
                    {of.granted_plan} was given
                    {of.granted_until && <>, ends <When at={of.granted_until} /></>}
                </div>
            )}
        </>
    );
}

function Deeds({ of, onPick }: { of: Team; onPick: (deed: 'suspend' | 'restore' | 'plan') => void }) {
    return (
        <Group gap="xs" justify="flex-end">
            <Button size="compact-sm" variant="default" onClick={() => onPick('plan')} aria-label={`Plan of ${of.name}`}>
                Plan
            </Button>
            {of.status === 'suspended' ? (
                <Button size="compact-sm" variant="default" onClick={() => onPick('restore')} aria-label={`Restore ${of.name}`}>
                    Restore
                </Button>
            ) : (
                <Button size="compact-sm" variant="subtle" color="red" onClick={() => onPick('suspend')} aria-label={`Suspend ${of.name}`}>
                    Suspend
                </Button>
            )}
        </Group>
    );
}

function Standing({ suspend, team, onClose }: { suspend: boolean; team: Team; onClose: () => void }) {
    const params = { path: { team: team.id } };
    return (
        <WithReason
            title={suspend ? `Suspend ${team.name}?` : `Restore ${team.name}?`}
            action={suspend ? 'Suspend' : 'Restore'}
            danger={suspend}
            touches="/v1/admin/teams"
            said={suspend ? `${team.name} is suspended.` : `${team.name} may work again.`}
            onClose={onClose}
            send={reason => (suspend ? api.POST('/v1/admin/teams/{team}/suspend', { params, body: { reason } }) : api.POST('/v1/admin/teams/{team}/restore', { params, body: { reason } }))}
        >
            {suspend ? 'Its members may only read from the next request on. Its sites stay up.' : 'Its members may work again as before.'}
        </WithReason>
    );
}
