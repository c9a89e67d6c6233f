import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useHere } from '@/shell/where';

export function Danger({ site }: { site: Schema<'ProjectView'> }) {
    const [asking, setAsking] = useState(false);
    const navigate = useNavigate();
    const { team } = useHere();
    const remove = async () => {
        await api.DELETE('/v1/projects/{project}', { params: { path: { project: site.slug } } });
        done(`${site.name} is deleted.`);
        await navigate({ to: `/teams/${team?.slug ?? site.team}/projects` });
        stale('/v1/teams', '/v1/projects');
    };
    return (
        <Panel title="Delete the project" about="The site goes offline at once, with all its deployments, previews, variables and domains. This cannot be taken back.">
            <Button color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsking(true)}>
                Delete {site.name}
            </Button>
            <Confirm opened={asking} onClose={() => setAsking(false)} title={`Delete ${site.name}`} action="Delete for ever" type={site.slug} onConfirm={remove}>
                Visitors get nothing any more, and its domains are free for others.
            </Confirm>
        </Panel>
    );
}
