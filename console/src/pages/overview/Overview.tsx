import { Button } from '@mantine/core';
import { IconPlus, IconTrendingUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/permits';
import { count } from '@/parts/units';
import { Lost } from '@/shell/Lost';
import { useHere, useMe, useNames } from '@/shell/where';
import { isOver } from '../deployments/states';
import { Row } from '../projects/Card';
import rows from '../projects/Projects.module.css';
import { all, useOverview, useSites, useTeamDeployments } from '../projects/sites';
import { Happened } from './Happened';
import { Moving } from './Moving';
import { Numbers } from './Numbers';
import classes from './Overview.module.css';
import { Recent } from './Recent';

const FirstSteps = lazy(() => import('./FirstSteps').then(({ FirstSteps: it }) => ({ default: it })));

const NOT_YET = '\u00a0'; // as tall as the sentence that comes, so that nothing moves
const SITES = 10;
const RECENT = 8;
const HAPPENED = 8;

// A team at one glance: what moves, how it goes, what there is, what happened.
export function Overview() {
    const me = useMe();
    const { team } = useHere();
    const slug = useNames().team;
    const overview = useOverview(slug);
    const sites = useSites(slug, '', SITES);
    const deployments = useTeamDeployments(slug);
    if (!team) {
        return me.data ? <Lost /> : null;
    }
    const creates = permits(team.role, 'project.create');
    const known = overview.data;
    const make = creates && (
        <Button component={Link} to={`/teams/${slug}/new`} leftSection={<IconPlus size={16} />}>
            New project
        </Button>
    );
    if (known?.projects === 0) {
        return (
            <Page title={team.name} about="Nothing is here yet. Three ways lead to your first site.">
                <Suspense>
                    <FirstSteps team={slug} creates={creates} />
                </Suspense>
            </Page>
        );
    }
    const latest = all(deployments);
    return (
        <Page title={team.name} about={known ? `${count(known.projects)} ${known.projects === 1 ? 'project' : 'projects'}, ${count(known.live)} live` : NOT_YET} actions={make}>
            <Moving deployments={latest.filter(one => !isOver(one.state))} />
            {known || !overview.error ? <Numbers of={known} /> : <Loaded query={overview}>{() => null}</Loaded>}
            <div className={classes.halves}>
                <div className={classes.stack}>
                    <Panel
                        flush
                        title="Projects"
                        actions={<Link to={`/teams/${slug}/projects`}>All projects</Link>}
                        about={
                            known && known.active_rollouts > 0 ? (
                                <span className={rows.flag}>
                                    <IconTrendingUp size={14} />
                                    {known.active_rollouts === 1 ? '1 rollout runs' : `${known.active_rollouts} rollouts run`}
                                </span>
                            ) : undefined
                        }
                    >
                        <Loaded query={sites}>
                            {() => (
                                <>
                                    <ul className={rows.list}>
                                        {all(sites).map(site => (
                                            <Row key={site.id} site={site} />
                                        ))}
                                    </ul>
                                    {sites.hasNextPage && (
                                        <div className={classes.foot}>
                                            <More of={sites} />
                                        </div>
                                    )}
                                </>
                            )}
                        </Loaded>
                    </Panel>
                </div>
                <div className={classes.stack}>
                    <Panel flush title="Last deployments">
                        <Loaded query={deployments}>{() => <Recent deployments={latest.slice(0, RECENT)} />}</Loaded>
                    </Panel>
                    {permits(team.role, 'audit.read') && <LastHours team={slug} />}
                </div>
            </div>
        </Page>
    );
}

function LastHours({ team }: { team: string }) {
    const activity = $api.useQuery('get', '/v1/teams/{team}/activity', { params: { path: { team } } });
    return (
        <Panel flush title="Activity" actions={<Link to={`/teams/${team}/activity`}>24 hours</Link>}>
            <Loaded query={activity}>{({ items }) => <Happened events={items.slice(0, HAPPENED)} />}</Loaded>
        </Panel>
    );
}
