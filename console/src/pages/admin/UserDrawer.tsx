import { Button, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { Loaded } from '@/parts/Loaded';
import { SideSheet } from '@/parts/Sheet';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useMe } from '@/shell/where';
import { UserDeed, type Deed } from './UserDeed';
import classes from './Users.module.css';

type Account = Schema<'AccountDetailView'>;

// One account, and what those who run the installation can do with it.
export function UserDrawer({ user, onClose }: { user: string; onClose: () => void }) {
    const account = $api.useQuery('get', '/v1/admin/users/{user}', { params: { path: { user } } });
    const [deed, setDeed] = useState<Deed>();
    return (
        <SideSheet opened onClose={onClose} position="right" size="md" title={account.data?.name ?? 'Account'}>
            <Loaded query={account}>
                {found => (
                    <Stack gap="lg">
                        <Facts of={found} />
                        <Deeds of={found} onPick={setDeed} />
                        {deed && <UserDeed deed={deed} user={found} onClose={() => setDeed(undefined)} />}
                    </Stack>
                )}
            </Loaded>
        </SideSheet>
    );
}

function Facts({ of }: { of: Account }) {
    return (
        <dl className={classes.facts}>
            <dt className="soft">E-mail</dt>
            <dd>{of.email}</dd>
            <dt className="soft">Id</dt>
            <dd>
                <Copy text={of.id} what="the id" />
            </dd>
            <dt className="soft">State</dt>
            <dd>
                <State of={of.status} /> {of.admin && <State of="administrator" tone="live" />}
            </dd>
            <dt className="soft">Since</dt>
            <dd>
                <When at={of.created_at} />
            </dd>
            <dt className="soft">Verified</dt>
            <dd>
                <When at={of.verified_at} />
            </dd>
            <dt className="soft">Password</dt>
            <dd>{of.has_password ? 'yes' : 'none: signs in another way'}</dd>
            <dt className="soft">Second factors</dt>
            <dd>{of.factors}</dd>
            <dt className="soft">Sessions</dt>
            <dd>{of.sessions}</dd>
            <dt className="soft">Teams</dt>
            <dd>
                {of.teams.map(team => (
                    <div key={team.id}>
                        <Link to="/admin/teams" search={{ query: team.slug } as never}>
                            {team.name}
                        </Link>{' '}
                        <span className="soft">{team.role}</span>
                    </div>
                ))}
            </dd>
        </dl>
    );
}

function Deeds({ of, onPick }: { of: Account; onPick: (deed: Deed) => void }) {
    const me = useMe().data?.user?.id;
    if (of.id === me) {
        return <p className="soft">This is you. Somebody else who runs the installation changes your account.</p>;
    }
    return (
        <Stack gap="xs">
            {of.status === 'active' && (
                <Button variant="default" onClick={() => onPick(of.admin ? 'demote' : 'promote')}>
                    {of.admin ? 'Take the installation away' : 'Let them run the installation'}
                </Button>
            )}
            {of.factors > 0 && (
                <Button variant="default" onClick={() => onPick('clear')}>
                    Clear second factors
                </Button>
            )}
            {of.status === 'suspended' ? (
                <Button onClick={() => onPick('restore')}>Restore</Button>
            ) : (
                <Button color="red" variant="light" onClick={() => onPick('suspend')}>
                    Suspend
                </Button>
            )}
        </Stack>
    );
}
