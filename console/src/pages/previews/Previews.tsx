import { Link } from '@tanstack/react-router';
import { IconBox, IconGitBranch, IconGitPullRequest } from '@tabler/icons-react';
import { $api, type Schema } from '@/api/query';
import { Address } from '@/pages/deployments/Address';
import { titleOf } from '@/pages/deployments/deeds';
import { CommandLine } from '@/parts/CommandLine';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useDeployment, useNames, useProject } from '@/shell/where';
import { Thumbnail } from '../projects/Thumbnail';
import classes from './previews.module.css';
import { Pulls } from './Pulls';

type Alias = Schema<'AliasView'>;

const SIGNS = { environment: IconBox, branch: IconGitBranch, pull: IconGitPullRequest };
const KINDS: [Alias['kind'], string, string][] = [
    ['environment', 'Environments', 'Sites of their own, such as staging, that you made.'],
    ['branch', 'Branches', 'The newest ready deployment of each branch that leads to a preview.'],
];

// The sites beside production: of branches, environments and pull requests.
export function Previews() {
    const { project } = useNames();
    const days = useProject(project).data?.git.preview_days ?? 30;
    const query = $api.useQuery('get', '/v1/projects/{project}/aliases', { params: { path: { project } } });
    return (
        <Page title="Previews" about={`Every branch and pull request gets a site of its own; one that is not looked after ends after ${days} days.`}>
            <Loaded query={query}>
                {({ items }) => (
                    <>
                        {KINDS.map(([kind, title, about]) => {
                            const some = items.filter(one => one.kind === kind);
                            return (
                                (some.length > 0 || kind === 'branch') && (
                                    <Panel key={kind} title={title} about={about} flush>
                                        {some.length ? (
                                            <ul className={classes.list}>{some.map(one => <Row key={one.alias} of={one} project={project} />)}</ul>
                                        ) : (
                                            <Empty icon={<IconGitBranch />} title="No previews of branches" action={<CommandLine text="git push clouddeck HEAD:a-branch" />}>
                                                Push a branch that is not production's, and its address stands here.
                                            </Empty>
                                        )}
                                    </Panel>
                                )
                            );
                        })}
                        <Pulls project={project} addresses={items.filter(one => one.kind === 'pull')} />
                    </>
                )}
            </Loaded>
        </Page>
    );
}

// An address that follows something, and what it shows now.
function Row({ of, project }: { of: Alias; project: string }) {
    const access = $api.useQuery('get', '/v1/projects/{project}/access', { params: { path: { project } } }, { staleTime: 60_000 });
    const deployment = useDeployment(of.deployment).data;
    const Sign = SIGNS[of.kind];
    return (
        <li className={classes.row}>
            <a className={classes.picture} href={of.url} target="_blank" rel="noreferrer" tabIndex={-1} aria-hidden="true">
                <Thumbnail of={{ id: of.alias, name: of.of, framework: deployment?.framework ?? null, url: of.url, version: of.deployment, open: access.data?.scope === 'none' && deployment?.state === 'ready' }} />
            </a>
            <div style={{ minWidth: 0 }}>
                <div className={classes.name}>
                    <Sign size={16} aria-hidden="true" />
                    <span className="clip" title={of.of}>{of.of}</span>
                </div>
                <Address url={of.url} />
            </div>
            <div style={{ minWidth: 0 }}>
                <Link to="/deployments/$deployment" params={{ deployment: of.deployment }} className={`${classes.what} clip`}>
                    <bdi>{deployment ? titleOf(deployment) : of.deployment}</bdi>
                </Link>
                <span className={`soft ${classes.small}`}>
                    shown <When at={of.moved_at} />
                    {deployment?.expires_at && <>, ends <When at={deployment.expires_at} /></>}
                </span>
            </div>
            <div className={classes.end}>{deployment && <State of={deployment.removed_at ? 'removed' : deployment.state} />}</div>
        </li>
    );
}
