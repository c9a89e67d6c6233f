import { Link } from '@tanstack/react-router';
import { Stack } from '@mantine/core';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration } from '@/parts/units';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { lasted, type Deployment } from './deeds';
import { Facts } from './Facts';
import { Address } from './Address';
import { Lasts } from './Lasts';
import { Origin } from './Origin';
import { Stages } from './Stages';
import { isOver } from './states';

// Where a deployment is to be seen, where it came from, and how far it is.
export function Summary({ of }: { of: Deployment }) {
    const there = of.state === 'ready' && !of.removed_at;
    return (
        <Panel>
            <Stack gap="lg">
                <Stages of={of} />
                <Facts
                    of={[
                        of.live && ['Production', <Address key="p" url={of.production_url} />],
                        of.alias_url && !of.removed_at && ['Follows its branch', <Address key="a" url={of.alias_url} />],
                        ['Its own address', there ? <Address url={of.url} /> : <span className="soft">{of.removed_at ? 'removed' : isOver(of.state) ? 'none' : 'when it is ready'}</span>],
                        ['From', <Origin of={of} />],
                        ['Environment', of.environment],
                        ['Begun', <span><When at={of.created_at} /> by <Who id={of.created_by} /> ({of.trigger.replaceAll('_', ' ')})</span>],
                        ['Took', isOver(of.state) ? duration(lasted(of)) : <Lasts of={of} />],
                        of.files > 0 && ['Files', `${count(of.files)}, ${bytes(of.bytes)}`],
                        of.restored && ['Files taken from', <Link to="/deployments/$deployment" params={{ deployment: of.restored }}>an equal deployment</Link>],
                        of.expires_at && !of.removed_at && ['Removed', <When at={of.expires_at} />],
                        of.trust !== 'trusted' && ['Trust', of.trust],
                    ]}
                />
            </Stack>
        </Panel>
    );
}
