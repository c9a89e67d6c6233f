import { Avatar, Select } from '@mantine/core';
import { useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { done, failed } from '@/parts/notices';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { mayGive, permits, ROLES } from '@/parts/roles';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useMe } from '@/shell/where';
import { Departure, type Deed } from './Departure';
import { MemberMenu } from './MemberMenu';
import classes from './Members.module.css';

type Member = Schema<'MemberView'>;

// Everybody in the team. What the one who looks may not change is text.
export function People({ team, role }: { team: string; role: string }) {
    const people = $api.useInfiniteQuery('get', '/v1/teams/{team}/members', { params: { path: { team }, query: { limit: 50 } } }, paged);
    const me = useMe().data?.user?.id;
    const [asked, setAsked] = useState<{ deed: Deed; member: Member }>();
    const manages = permits(role, 'member.manage');
    return (
        <Panel title="Members" flush>
            <Loaded query={people}>
                {({ pages }) => (
                    <Grid
                        name="Members"
                        rows={pages.flatMap(page => page.items)}
                        keyOf={member => member.user}
                        columns={[
                            { label: 'Person', shows: member => <Person member={member} mine={member.user === me} /> },
                            { label: 'Role', shows: member => (manages && mayGive(role, member.role) ? <Roles team={team} member={member} giver={role} /> : member.role) },
                            { label: 'Second factor', shows: ({ mfa }) => (mfa === null ? <span className="soft">not shown to you</span> : <State of={mfa ? 'on' : 'none'} tone={mfa ? 'good' : 'warn'} />) },
                            { label: 'Joined', shows: member => <When at={member.joined_at} /> },
                            {
                                label: 'What can be done',
                                hidden: true,
                                shows: member => <MemberMenu member={member} mine={member.user === me} giver={role} onPick={deed => setAsked({ deed, member })} />,
                            },
                        ]}
                    />
                )}
            </Loaded>
            <More of={people} />
            {asked && <Departure team={team} deed={asked.deed} member={asked.member} onClose={() => setAsked(undefined)} />}
        </Panel>
    );
}

function Person({ member, mine }: { member: Member; mine: boolean }) {
    return (
        <div className={classes.person}>
            <Avatar name={member.name} color="blue" size={32} alt="" aria-hidden="true" />
            <div>
                <div className={classes.name}>
                    {member.name} {mine && <span className="soft">(you)</span>}
                </div>
                <div className="soft">{member.email}</div>
            </div>
        </div>
    );
}

function Roles({ team, member, giver }: { team: string; member: Member; giver: string }) {
    const change = $api.useMutation('patch', '/v1/teams/{team}/members/{user}', {
        onSuccess: (_, asked) => done(`${member.name} is ${asked.body.role} from the next request on.`),
        onError: failed,
    });
    return (
        <Select
            className={classes.role}
            size="xs"
            aria-label={`Role of ${member.name}`}
            data={ROLES.filter(one => mayGive(giver, one))}
            value={member.role}
            allowDeselect={false}
            disabled={change.isPending}
            onChange={role => {
                if (role && role !== member.role) {
                    change.mutate({ params: { path: { team, user: member.user } }, body: { role: role as never } });
                }
            }}
        />
    );
}
