import { Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { Notice } from '@/parts/Notice';
import { done, failed } from '@/parts/notices';
import { useMay } from '@/parts/permits';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useProject } from '@/shell/where';
import type { Deployment } from './deeds';

const TITLES = { locked: 'Waits: production is locked', pinned: 'Waits: production is pinned', frozen: 'Waits for the end of a freeze', approval: 'Waits for approvals' };

// Why a deployment that is ready is not live, and what would let it.
export function Held({ of, held }: { of: Deployment; held: NonNullable<Deployment['held']> }) {
    const may = useMay();
    const lock = useProject(held.because === 'locked' ? of.project : '').data?.lock;
    const params = { params: { path: { project: of.project } } };
    const act = async (doing: () => Promise<unknown>, said: string) => {
        try {
            await doing();
            stale('/v1/projects', '/v1/deployments', '/v1/teams');
            done(said);
        } catch (error) {
            failed(error);
        }
    };
    return (
        <Notice tone="warn" title={TITLES[held.because]}>
            <Text size="sm">
                {/[.!?]$/.test(held.detail) ? held.detail : `${held.detail}.`}
                {held.until && <> It ends <When at={held.until} />.</>}
                {lock && <> By <Who id={lock.by} />, <When at={lock.at} />.</>}
            </Text>
            <Group mt="xs" gap="sm">
                {held.because === 'pinned' && may('deployment.promote') && (
                    <Button size="xs" variant="default" onClick={() => void act(() => api.POST('/v1/projects/{project}/unpin', params), 'Unpinned. The newest of what waited goes live.')}>
                        Unpin
                    </Button>
                )}
                {held.because === 'locked' && may('release.lock') && (
                    <Button size="xs" variant="default" onClick={() => void act(() => api.DELETE('/v1/projects/{project}/lock', params), 'Unlocked. The newest of what waited goes live.')}>
                        Unlock
                    </Button>
                )}
                {held.because === 'approval' && (
                    <Button size="xs" variant="default" component={Link} to={`/deployments/${of.id}?tab=approvals`}>
                        Approvals
                    </Button>
                )}
            </Group>
        </Notice>
    );
}
