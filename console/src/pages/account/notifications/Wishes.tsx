import { Checkbox, Stack } from '@mantine/core';
import { $api } from '@/api/query';
import { words } from './words';

export interface Chosen {
    events: string[];
    teams: string[];
}

// Which events, and of which teams: none chosen stands for all of them, also those to come.
export function Wishes({ events, value, onChange }: { events: string[]; value: Chosen; onChange: (value: Chosen) => void }) {
    const { data } = $api.useQuery('get', '/v1/teams', { params: { query: { limit: 100 } } });
    const all = value.teams.length === 0;
    return (
        <div className="columns">
            <Checkbox.Group label="Tell me when" value={value.events} onChange={chosen => onChange({ ...value, events: chosen })}>
                <Stack gap="sm" mt="xs">
                    {events.map(event => (
                        <Checkbox key={event} value={event} label={words(event).label} description={words(event).about} />
                    ))}
                </Stack>
            </Checkbox.Group>
            <Stack gap="sm">
                <Checkbox.Group
                    label="Of which teams"
                    description={all ? 'None is chosen: you are told of all of them.' : 'You are told of these only.'}
                    value={value.teams}
                    onChange={chosen => onChange({ ...value, teams: chosen })}
                >
                    <Stack gap="sm" mt="xs">
                        {(data?.items ?? []).map(team => (
                            <Checkbox key={team.id} value={team.id} label={team.name} />
                        ))}
                    </Stack>
                </Checkbox.Group>
            </Stack>
        </div>
    );
}
