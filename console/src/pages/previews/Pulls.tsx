import { Button, Center, SegmentedControl } from '@mantine/core';
import { IconExternalLink, IconGitMerge, IconGitPullRequest, IconGitPullRequestClosed } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { Address } from '@/pages/deployments/Address';
import { useMaybe } from '@/parts/absent';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State, type Tone } from '@/parts/State';
import { When } from '@/parts/When';
import { ApprovePull } from './ApprovePull';
import classes from './previews.module.css';
import { pullUrl } from './pulls';

export type Pull = Schema<'PullView'>;

const TRUST: Record<Pull['trust'], Tone> = { trusted: 'good', approved: 'good', untrusted: 'warn' };
const PREVIEW: Record<Pull['preview'], string> = { built: 'Its preview is being made', waiting: 'Waits for an approval', ignored: 'Is not built', none: 'No preview' };

// Pull requests, how far each is trusted, and what became of it.
export function Pulls({ project, addresses }: { project: string; addresses: Schema<'AliasView'>[] }) {
    const [state, setState] = useState<'open' | 'closed'>('open');
    const found = $api.useInfiniteQuery('get', '/v1/projects/{project}/pulls', { params: { path: { project }, query: { state, limit: 20 } } }, paged);
    const repository = useMaybe('/v1/projects/{project}/repository', project, 'repository_not_found', () => api.GET('/v1/projects/{project}/repository', { params: { path: { project } } })).data;
    const url = (pull: Pull) => addresses.find(one => one.of.replace('#', '') === String(pull.number) || one.alias === `pr-${pull.number}`)?.url;
    return (
        <Panel
            title="Pull requests"
            actions={<SegmentedControl size="xs" value={state} onChange={value => setState(value as typeof state)} data={[{ value: 'open', label: 'Open' }, { value: 'closed', label: 'Closed' }]} aria-label="Which pull requests" />}
            flush
        >
            <Loaded query={found}>
                {({ pages }) => {
                    const items = pages.flatMap(page => page.items);
                    return items.length ? (
                        <>
                            <ul className={classes.list}>{items.map(one => <Row key={one.number} of={one} project={project} url={url(one)} there={pullUrl(repository, one)} />)}</ul>
                            {found.hasNextPage && (
                                <Center p="sm">
                                    <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>More</Button>
                                </Center>
                            )}
                        </>
                    ) : (
                        <Empty icon={<IconGitPullRequest />} title={state === 'open' ? 'No open pull requests' : 'No closed pull requests'}>
                            They come from a repository at a git host that is connected with this project.
                        </Empty>
                    );
                }}
            </Loaded>
        </Panel>
    );
}

function Row({ of, project, url, there }: { of: Pull; project: string; url: string | undefined; there: string | undefined }) {
    const [asked, ask] = useState(false);
    const may = useMay();
    const open = of.state === 'open';
    const waits = open && of.trust === 'untrusted' && may('deployment.approve');
    const Sign = of.merged ? IconGitMerge : open ? IconGitPullRequest : IconGitPullRequestClosed;
    const title = <>#{of.number} {of.title || of.branch}</>;
    return (
        <li className={classes.row}>
            <div style={{ minWidth: 0 }}>
                <div className={classes.name}>
                    <Sign size={16} aria-hidden="true" />
                    {there ? (
                        <a href={there} target="_blank" rel="noreferrer" className="clip" title={of.title}>
                            {title} <IconExternalLink size={13} aria-label="at the git host" />
                        </a>
                    ) : (
                        <span className="clip" title={of.title}>{title}</span>
                    )}
                </div>
                <div className={`soft clip ${classes.small}`}>
                    {of.author}, {of.fork ? of.repository : of.branch} into {of.base}, <When at={of.updated_at} />
                </div>
            </div>
            <div style={{ minWidth: 0 }}>
                {!open ? <span className="soft">Its preview is removed</span> : url ? <Address url={url} /> : <span className="soft">{PREVIEW[of.preview]}</span>}
                {open && <div className={`soft ${classes.small}`}>{of.why}</div>}
            </div>
            <div className={classes.end}>
                {open ? <State of={of.trust} tone={TRUST[of.trust]} /> : <State of={of.merged ? 'merged' : 'closed'} tone={of.merged ? 'good' : 'idle'} />}
                {of.deployment && <Link to="/deployments/$deployment" params={{ deployment: of.deployment }}>Deployment</Link>}
                {waits && (
                    <Button size="compact-sm" variant="default" onClick={() => ask(true)}>
                        Approve
                    </Button>
                )}
            </div>
            {asked && <ApprovePull pull={of} project={project} there={there} onClose={() => ask(false)} />}
        </li>
    );
}
