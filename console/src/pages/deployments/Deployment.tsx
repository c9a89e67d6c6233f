import { Button, Skeleton } from '@mantine/core';
import { IconExternalLink, IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ComponentType } from 'react';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { Tabbed, type Tab } from '@/parts/Tabbed';
import { useDeployment, useNames } from '@/shell/where';
import { DeedDialog } from './DeedDialog';
import { DeedMenu } from './DeedMenu';
import { deeds, titleOf, type Deed, type Deployment as Of } from './deeds';
import classes from './deployments.module.css';
import { Failure } from './Failure';
import { Held } from './Held';
import { Log } from './Log';
import { Marks } from './Marks';
import { Origin } from './Origin';
import { isOver } from './states';
import { Summary } from './Summary';

const MOVING_MS = 4000;

// A part that is loaded when its tab is opened.
function later<Name extends string, Props extends object>(load: () => Promise<Record<Name, ComponentType<Props>>>, name: Name) {
    const Part = lazy(async () => ({ default: (await load())[name] as ComponentType<object> })) as unknown as ComponentType<Props>;
    return (props: Props) => (
        <Suspense fallback={<Skeleton height={160} radius="md" />}>
            <Part {...props} />
        </Suspense>
    );
}

const Build = later(() => import('./about/Build'), 'Build');
const Files = later(() => import('./about/Files'), 'Files');
const RulesOf = later(() => import('./about/RulesOf'), 'RulesOf');
const Packages = later(() => import('./about/Packages'), 'Packages');
const Provenance = later(() => import('./about/Provenance'), 'Provenance');
const Advice = later(() => import('./about/Advice'), 'Advice');
const Release = later(() => import('./about/Release'), 'Release');
const Diff = later(() => import('./about/Diff'), 'Diff');
const Approvals = later(() => import('./about/Approvals'), 'Approvals');

// One deployment: how far it is, what it said meanwhile, what it is made of and what can be done with it.
export function Deployment() {
    const { deployment } = useNames();
    const query = useDeployment(deployment);
    const moving = query.data !== undefined && !isOver(query.data.state);
    // The live connection tells of every change; this is for when it cannot be had.
    const { refetch } = query;
    useEffect(() => {
        const asking = moving ? setInterval(() => void refetch(), MOVING_MS) : undefined;
        return () => clearInterval(asking);
    }, [moving, refetch]);
    if (query.data === undefined) {
        return (
            <Page title="Deployment">
                <Loaded query={query} rows={2} tall={280}>
                    {() => null}
                </Loaded>
            </Page>
        );
    }
    return <Shown of={query.data} />;
}

function Shown({ of }: { of: Of }) {
    const [asked, ask] = useState<Deed | null>(null);
    const may = useMay();
    const possible = deeds(of, may);
    const there = of.state === 'ready' && !of.removed_at;
    const first = (['cancel', 'promote', 'redeploy'] as const).find(deed => possible.includes(deed));
    const tabs: [Tab, ...Tab[]] = [
        { value: 'log', label: 'Log', shows: () => <Panel flush><Log deployment={of.id} /></Panel> },
        { value: 'build', label: 'Build', shows: () => <Build deployment={of.id} /> },
        ...(there
            ? [
                  { value: 'diff', label: 'Changes', shows: () => <Diff of={of} /> },
                  { value: 'files', label: 'Files', shows: () => <Files of={of} /> },
                  { value: 'rules', label: 'Rules', shows: () => <RulesOf deployment={of.id} /> },
              ]
            : []),
        ...(of.state === 'ready'
            ? [
                  { value: 'packages', label: 'Packages', shows: () => <Packages deployment={of.id} /> },
                  { value: 'provenance', label: 'Provenance', shows: () => <Provenance deployment={of.id} /> },
                  { value: 'release', label: 'Release', shows: () => <Release deployment={of.id} /> },
              ]
            : []),
        ...(of.target === 'production' && of.state === 'ready' ? [{ value: 'approvals', label: 'Approvals', shows: () => <Approvals of={of} /> }] : []),
        ...(isOver(of.state) ? [{ value: 'advice', label: 'Advice', shows: () => <Advice deployment={of.id} /> }] : []),
    ];
    return (
        <Page
            title={titleOf(of)}
            name={<bdi>{titleOf(of)}</bdi>}
            above={
                <Link to="/projects/$project/deployments" params={{ project: of.slug }}>
                    ‹ Deployments
                </Link>
            }
            about={
                <div className={classes.head} role="status">
                    <Marks of={of} />
                    <Origin of={of} />
                </div>
            }
            actions={
                <>
                    {there && (
                        <Button component="a" href={of.url} target="_blank" rel="noreferrer" variant="default" rightSection={<IconExternalLink size={16} />}>
                            Open
                        </Button>
                    )}
                    {first && <First deed={first} onClick={() => ask(first)} />}
                    <DeedMenu deployment={of} without={first ? [first] : []} />
                </>
            }
        >
            {of.error && <Failure of={of} error={of.error} />}
            {of.held && <Held of={of} held={of.held} />}
            <Summary of={of} />
            <Tabbed tabs={tabs} />
            <DeedDialog deed={asked} deployment={of} onClose={() => ask(null)} />
        </Page>
    );
}

const FIRST = { cancel: 'Cancel', promote: 'Promote', redeploy: 'Deploy again' };

function First({ deed, onClick }: { deed: keyof typeof FIRST; onClick: () => void }) {
    return (
        <Button variant={deed === 'promote' ? 'filled' : 'default'} color={deed === 'cancel' ? 'red' : undefined} leftSection={deed === 'promote' && <IconRocket size={16} />} onClick={onClick}>
            {FIRST[deed]}
        </Button>
    );
}
