import { IconGitBranch, IconGitPullRequest, IconStack2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { $api, type Schema } from '@/api/query';
import { Problem } from '@/api/problem';
import { Address } from '@/pages/deployments/Address';
import { Facts } from '@/pages/deployments/Facts';
import { useTraffic } from '@/pages/traffic/asked';
import { errorRate, hitRatio } from '@/pages/traffic/shapes';
import { Copy } from '@/parts/Copy';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { Spark } from '@/parts/Spark';
import { State } from '@/parts/State';
import { count, duration, percent } from '@/parts/units';
import { When } from '@/parts/When';
import classes from './one.module.css';

// What stands beside: traffic in figures, previews, the queue, and where the source is.

export function Figures({ project }: { project: string }) {
    const query = useTraffic(project, '24h', 'live');
    return (
        <Panel title="Last 24 hours" actions={<Link to="/projects/$project/traffic" params={{ project }}>Traffic</Link>}>
            <Loaded query={query} rows={2}>
                {({ totals, series }) => {
                    const errors = errorRate(totals);
                    const hits = hitRatio(totals);
                    return (
                        <>
                            <dl className={classes.figures}>
                                <div><dt>Requests</dt><dd>{count(totals.requests)}</dd></div>
                                <div><dt>Errors</dt><dd>{errors === null ? '-' : percent(errors)}</dd></div>
                                <div><dt>p95</dt><dd>{totals.p95_ms === null ? '-' : duration(totals.p95_ms)}</dd></div>
                                <div><dt>From cache</dt><dd>{hits === null ? '-' : percent(hits)}</dd></div>
                            </dl>
                            <Spark values={series.map(point => point.requests)} label={`Requests of the last 24 hours, ${count(totals.requests)} in all`} />
                        </>
                    );
                }}
            </Loaded>
        </Panel>
    );
}

export function PreviewsOf({ project }: { project: string }) {
    const query = $api.useQuery('get', '/v1/projects/{project}/aliases', { params: { path: { project } } });
    return (
        <Panel title="Previews" actions={<Link to="/projects/$project/previews" params={{ project }}>All</Link>} flush>
            <Loaded query={query} rows={2}>
                {({ items }) =>
                    items.length ? (
                        <ul className={classes.list}>
                            {items.slice(0, 5).map(one => (
                                <li key={one.alias} className={classes.item}>
                                    <Preview of={one} />
                                </li>
                            ))}
                        </ul>
                    ) : (
                        <p className="soft" style={{ margin: 0, padding: 'var(--mantine-spacing-md)' }}>Push another branch, and it gets a site of its own.</p>
                    )
                }
            </Loaded>
        </Panel>
    );
}

const SIGNS = { environment: IconStack2, branch: IconGitBranch, pull: IconGitPullRequest };

// What leads to a preview, the preview itself, and when it last moved.
function Preview({ of }: { of: Schema<'AliasView'> }) {
    const Sign = SIGNS[of.kind];
    return (
        <>
            <div className={classes.preview}>
                <Sign size={15} aria-hidden="true" />
                <Link to="/deployments/$deployment" params={{ deployment: of.deployment }} className={`${classes.branch} clip`} title={of.of}>
                    {of.kind === 'pull' ? `Pull request ${of.of}` : of.of}
                </Link>
                <span className={classes.goes}>
                    <Address url={of.url} />
                </span>
            </div>
            <span className={`soft ${classes.small}`}><When at={of.moved_at} /></span>
        </>
    );
}

export function Queue({ project }: { project: string }) {
    const query = $api.useQuery('get', '/v1/projects/{project}/queue', { params: { path: { project } } });
    const items = query.data?.items ?? [];
    if (!items.length) {
        return null;
    }
    return (
        <Panel title="Builds" about={`The team runs ${query.data?.running} of ${query.data?.parallel_builds} at a time.`} flush>
            <ul className={classes.list}>
                {items.map(one => (
                    <li key={one.build} className={classes.item}>
                        <div>
                            <Link to="/deployments/$deployment" params={{ deployment: one.deployment }}>{one.environment}</Link>
                            <div className={`soft ${classes.small}`}>{one.before ? `behind ${one.before} others` : one.size}, <When at={one.since} /></div>
                        </div>
                        <State of={one.state} />
                    </li>
                ))}
            </ul>
        </Panel>
    );
}

export function Source({ project }: { project: Schema<'ProjectView'> }) {
    const query = $api.useQuery('get', '/v1/projects/{project}/repository', { params: { path: { project: project.slug } } }, { retry: false });
    const none = query.error instanceof Problem && query.error.status === 404;
    return (
        <Panel title="Repository" actions={query.data && <State of={query.data.state} />}>
            {none ? (
                <Facts
                    of={[
                        project.git_url && ['Push to', <Copy key="g" text={project.git_url} what="the address of the repository" />],
                        ['Goes live', `the branch ${project.production_branch || 'main'}`],
                        ['Elsewhere', <Link key="c" to="/projects/$project/settings" params={{ project: project.slug }}>Connect a repository</Link>],
                    ]}
                />
            ) : (
                <Loaded query={query} rows={2}>
                    {found => (
                        <Facts
                            of={[
                                ['Repository', /^https?:/.test(found.url) ? <a key="r" href={found.url} target="_blank" rel="noreferrer" className="clip">{found.repository}</a> : found.repository],
                                ['Goes live', `the branch ${project.production_branch || 'main'}`],
                                found.delivered_at && ['Last heard of', <When key="d" at={found.delivered_at} />],
                                found.fault && ['Fault', found.fault],
                            ]}
                        />
                    )}
                </Loaded>
            )}
        </Panel>
    );
}
