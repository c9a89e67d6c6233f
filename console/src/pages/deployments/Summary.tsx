import { Link } from '@tanstack/react-router';
import { $api } from '@/api/query';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration } from '@/parts/units';
import { When } from '@/parts/When';
import { Thumbnail } from '../projects/Thumbnail';
import { Address } from './Address';
import { By } from './By';
import { lasted, type Deployment } from './deeds';
import { Facts } from './Facts';
import { Lasts } from './Lasts';
import { Stages } from './Stages';
import { isOver } from './states';
import classes from './Summary.module.css';

// How far a deployment is, how it looks, where it is to be seen and where it came from.
export function Summary({ of }: { of: Deployment }) {
    const there = of.state === 'ready' && !of.removed_at;
    return (
        <Panel>
            <div className={classes.card}>
                <Stages of={of} />
                <div className={there ? classes.beside : undefined}>
                    {there && <Picture of={of} />}
                    <Facts
                        of={[
                            of.live && ['Production', <Address key="p" url={of.production_url} />],
                            of.alias_url && !of.removed_at && ['Follows its branch', <Address key="a" url={of.alias_url} />],
                            ['Its own address', there ? <Address url={of.url} /> : <span className="soft">{of.removed_at ? 'removed' : isOver(of.state) ? 'none' : 'when it is ready'}</span>],
                            ['Environment', of.environment],
                            ['Begun', <By key="b" of={of} />],
                            ['Took', <span key="t" className="numbers">{isOver(of.state) ? duration(lasted(of)) : <Lasts of={of} />}</span>],
                            of.files > 0 && ['Files', <span key="f" className="numbers">{count(of.files)}, {bytes(of.bytes)}</span>],
                            of.restored && ['Files taken from', <Link to="/deployments/$deployment" params={{ deployment: of.restored }}>an equal deployment</Link>],
                            of.expires_at && !of.removed_at && ['Removed', <When at={of.expires_at} />],
                            of.trust !== 'trusted' && ['Trust', of.trust],
                        ]}
                    />
                </div>
            </div>
        </Panel>
    );
}

function Picture({ of }: { of: Deployment }) {
    const access = $api.useQuery('get', '/v1/projects/{project}/access', { params: { path: { project: of.project } } }, { staleTime: 60_000 });
    const asks = access.data?.scope === 'all' || (access.data?.scope === 'previews' && !of.live);
    const url = of.live ? of.production_url : of.url;
    return (
        <a className={classes.picture} href={url} target="_blank" rel="noreferrer" tabIndex={-1} aria-hidden="true">
            <Thumbnail alone of={{ id: of.project, name: of.slug, framework: of.framework, url, version: of.id, open: access.data !== undefined && !asks }} />
        </a>
    );
}
