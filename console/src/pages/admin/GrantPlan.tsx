import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { WithReason } from './WithReason';

const OWN = 'own';

// Gives a team a plan in place of its own, for a time or for good, or takes it back.
export function GrantPlan({ team, onClose }: { team: Schema<'AdminTeamView'>; onClose: () => void }) {
    const [plan, setPlan] = useState<string>(team.granted_plan ?? OWN);
    const [until, setUntil] = useState('');
    return (
        <WithReason
            title={`Plan of ${team.name}`}
            action="Save"
            touches="/v1/admin/teams"
            said="The plan holds at once."
            onClose={onClose}
            send={reason =>
                api.PATCH('/v1/admin/teams/{team}', {
                    params: { path: { team: team.id } },
                    body: { plan: plan === OWN ? null : (plan as never), ...(plan !== OWN && until ? { until: new Date(until).toISOString() } : {}), reason },
                })
            }
        >
            <Select label="Plan" data={[{ value: OWN, label: 'Its own' }, 'free', 'pro', 'business', 'enterprise']} value={plan} allowDeselect={false} onChange={value => setPlan(value ?? OWN)} />
            {plan !== OWN && <TextInput mt="sm" label="Until" description="Empty: for good" type="datetime-local" value={until} onChange={event => setUntil(event.currentTarget.value)} />}
        </WithReason>
    );
}
