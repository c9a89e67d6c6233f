import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { queries, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';

// The end of a team. One with projects is not deleted, nor is anybody's own.
export function DeleteTeam({ team }: { team: Schema<'TeamDetails'> }) {
    const [asked, setAsked] = useState(false);
    const navigate = useNavigate();
    const remove = async () => {
        await api.DELETE('/v1/teams/{team}', { params: { path: { team: team.id } } });
        done(`${team.name} is deleted.`);
        await navigate({ to: '/' });
        await queries.invalidateQueries();
    };
    return (
        <Panel title="Delete the team" about="Its projects go first. Keys and invitations end at once, and the slug is free again.">
            <Button color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsked(true)}>
                Delete {team.name}
            </Button>
            <Confirm opened={asked} onClose={() => setAsked(false)} title={`Delete ${team.name}?`} action="Delete for ever" type={team.slug} onConfirm={remove}>
                Everybody in it loses it. This cannot be taken back.
            </Confirm>
        </Panel>
    );
}
