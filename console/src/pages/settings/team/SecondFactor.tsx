import { Button, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { useMe } from '@/shell/where';

// Whether everybody in the team has to have a second factor. Only somebody who has one asks it of others.
export function SecondFactor({ team, changes }: { team: Schema<'TeamDetails'>; changes: boolean }) {
    const [asked, setAsked] = useState(false);
    const factors = useMe().data?.user?.factors ?? 0;
    const on = team.mfa_required;
    const change = async () => {
        await api.PATCH('/v1/teams/{team}', { params: { path: { team: team.id } }, headers: { 'If-Match': `"${team.version}"` }, body: { mfa_required: !on } });
        stale('/v1/teams');
        done(on ? 'A password is enough again.' : 'Every session needs a second factor from now on.');
    };
    return (
        <Panel title="Second factor" about="Sessions that were signed in without one are refused. Keys pass." actions={<State of={on ? 'required' : 'not required'} tone={on ? 'good' : 'idle'} />}>
            {changes && factors === 0 ? (
                <span>
                    Add a second factor to <Link to="/account/security">your own account</Link> and sign in with it first: nobody locks themselves out.
                </span>
            ) : (
                changes && (
                    <Group>
                        <Button variant={on ? 'light' : 'filled'} color={on ? 'red' : undefined} onClick={() => setAsked(true)}>
                            {on ? 'No longer require it' : 'Require it of everybody'}
                        </Button>
                    </Group>
                )
            )}
            {!changes && <span className="soft">Owners and admins change this.</span>}
            <Confirm opened={asked} onClose={() => setAsked(false)} title={on ? 'No longer require a second factor?' : 'Require a second factor?'} action={on ? 'No longer' : 'Require it'} danger={on} onConfirm={change}>
                {on ? 'A password alone lets members in again.' : 'Members without one lose the team at their next request, until they add one and sign in with it. Under Members you see who has one.'}
            </Confirm>
        </Panel>
    );
}
