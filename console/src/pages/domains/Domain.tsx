import { Button, Group } from '@mantine/core';
import { IconExternalLink, IconRefresh, IconTrash, IconWand } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Notice, Sentence } from '@/parts/Notice';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import { useHere, useNames } from '@/shell/where';
import { Certificate } from './Certificate';
import { DomainSettings } from './DomainSettings';
import { Gone } from './Gone';
import { found as sentence, leaving, nextStep, tone, within, type Domain as View } from './names';
import { Records } from './Records';
import { RemoveDomain } from './RemoveDomain';
import { Stages } from './Stages';

const TOUCHED = ['/v1/projects/{project}/domains', '/v1/teams/{team}/domains', '/v1/teams/{team}/zones'];
const SETTLED = ['active', 'removed', 'failed', 'conflict'];

// One domain: where it stands, what there is to do, and how it is served.
export function Domain() {
    const { project, domain } = useNames();
    const found = $api.useQuery('get', '/v1/projects/{project}/domains/{domain}', { params: { path: { project, domain } } }, {
        // What is on its way is looked at again: machines move it, and DNS tells nobody.
        refetchInterval: query => (query.state.data && !SETTLED.includes(query.state.data.state) ? 5000 : false),
    });
    const may = useMay();
    const write = useWrite(...TOUCHED);
    const [removing, setRemoving] = useState(false);
    const path = { project, domain };
    const manages = may('domain.manage');
    const check = () => write.run(() => api.POST('/v1/projects/{project}/domains/{domain}/check', { params: { path } }), 'Looked at its DNS and at the edge.');
    return (
        <Page
            title={domain}
            name={<Group gap="sm">{domain}{found.data && <State of={found.data.state} tone={tone(found.data.state)} />}</Group>}
            about={found.data && (found.data.checked_at ? <>looked at <When at={found.data.checked_at} /></> : 'not looked at yet')}
            actions={
                <>
                    {found.data?.state === 'active' && !domain.startsWith('*.') && (
                        <Button component="a" href={`https://${domain}`} target="_blank" rel="noreferrer" variant="default" rightSection={<IconExternalLink size={15} />}>
                            Visit
                        </Button>
                    )}
                    {manages && found.data && !leaving(found.data) && (
                        <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => void check()} loading={write.busy}>
                            Check now
                        </Button>
                    )}
                </>
            }
        >
            {write.fault && <Fault of={write.fault} />}
            <Loaded query={found}>
                {view => leaving(view) ? (
                    <>
                        <Next view={view} />
                        <Gone view={view} project={project} />
                    </>
                ) : (
                    <>
                        <Panel>
                            <Stages domain={view} />
                        </Panel>
                        <Next view={view} />
                        <Records records={view.records} redirects={view.redirects} actions={manages && <Apply view={view} project={project} />} />
                        <Certificate view={view} project={project} manages={manages} />
                        {manages && <DomainSettings key={view.domain} view={view} project={project} />}
                        {manages && (
                            <Panel title="Remove" about="Visitors of this name get nothing any more. The project and its other names stay.">
                                <Button color="red" variant="light" leftSection={<IconTrash size={16} />} onClick={() => setRemoving(true)}>
                                    Remove domain
                                </Button>
                                <RemoveDomain project={project} domain={domain} opened={removing} onClose={() => setRemoving(false)} />
                            </Panel>
                        )}
                    </>
                )}
            </Loaded>
        </Page>
    );
}

function Next({ view }: { view: View }) {
    return (
        <Notice tone={tone(view.state)} title={view.reason}>
            {view.detail && <div>{sentence(view.detail)}</div>}
            <div>
                <Sentence>{nextStep(view)}</Sentence>
            </div>
            <div className="soft">
                Changed <When at={view.since} />
            </div>
        </Notice>
    );
}

// Where the team keeps the zone of this name itself, nobody has to copy records.
function Apply({ view, project }: { view: View; project: string }) {
    const { team } = useHere();
    const zones = $api.useQuery('get', '/v1/teams/{team}/zones', { params: { path: { team: team?.id ?? '' } } }, { enabled: !!team });
    const write = useWrite(...TOUCHED);
    const zone = zones.data?.items.find(one => within(view.domain, one.name));
    if (!zone || view.records.length === 0) {
        return null;
    }
    const apply = () =>
        write.run(
            () => api.POST('/v1/projects/{project}/domains/{domain}/apply', { params: { path: { project, domain: view.domain } } }),
            `Written into the zone ${zone.name}.`,
        );
    return (
        <>
            <Button size="xs" variant="light" leftSection={<IconWand size={15} />} onClick={() => void apply()} loading={write.busy}>
                Write them into {zone.name}
            </Button>
            {write.fault && <Fault of={write.fault} />}
        </>
    );
}
