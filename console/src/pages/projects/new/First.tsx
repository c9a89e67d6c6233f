import { Button, Group, Stack, Text } from '@mantine/core';
import { IconExternalLink, IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { $api, type Schema } from '@/api/query';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { address } from '../about';
import { Failure } from '../../deployments/Failure';
import { Stages } from '../../deployments/Stages';
import { isOver } from '../../deployments/states';

const Log = lazy(() => import('../../deployments/Log').then(({ Log }) => ({ default: Log })));

const SECONDS = 3;

// The first deployment of a project: while nobody has begun it, and then live to its end.
export function First({ project, begun, waits }: { project: Schema<'ProjectView'>; begun: string | undefined; waits: string }) {
    const list = $api.useQuery(
        'get',
        '/v1/projects/{project}/deployments',
        { params: { path: { project: project.slug }, query: { limit: 1 } } },
        { enabled: begun === undefined, refetchInterval: query => (query.state.data?.items.length ? false : SECONDS * 1000) },
    );
    const id = begun ?? list.data?.items[0]?.id;
    if (!id) {
        return (
            <Panel title="First deployment" actions={<State of="waiting" />}>
                <Text className="soft" role="status">
                    {waits}
                </Text>
            </Panel>
        );
    }
    return <Running project={project} id={id} />;
}

function Running({ project, id }: { project: Schema<'ProjectView'>; id: string }) {
    const deployment = $api.useQuery(
        'get',
        '/v1/deployments/{deployment}',
        { params: { path: { deployment: id } } },
        { refetchInterval: query => (query.state.data && isOver(query.state.data.state) ? false : SECONDS * 1000) },
    ).data;
    if (!deployment) {
        return null;
    }
    return (
        <>
            {deployment.state === 'ready' && (
                <Panel>
                    <Stack align="center" gap="xs" py="md" role="status">
                        <IconRocket size={38} stroke={1.4} color="var(--deck-good)" />
                        <Text fw={650} size="lg">
                            {deployment.live ? `${project.name} is live` : `${project.name} is ready`}
                        </Text>
                        <Text className="soft">{address(deployment.live ? project.url : deployment.url)}</Text>
                        <Group mt="xs">
                            <Button component="a" href={deployment.live ? project.url : deployment.url} target="_blank" rel="noreferrer" rightSection={<IconExternalLink size={16} />}>
                                Open the site
                            </Button>
                            <Button variant="default" component={Link} to={`/projects/${project.slug}`}>
                                Go to the project
                            </Button>
                        </Group>
                    </Stack>
                </Panel>
            )}
            {deployment.error && <Failure of={deployment} error={deployment.error} />}
            <Panel title="First deployment" about={<Link to={`/deployments/${id}`}>{deployment.message || 'Without a message'}</Link>} actions={<State of={deployment.state} />}>
                <Stages of={deployment} />
            </Panel>
            <Suspense>
                <Log deployment={id} />
            </Suspense>
        </>
    );
}
