import { Skeleton, Stack } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { $api } from '@/api/query';
import { Facts } from '@/pages/deployments/Facts';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { duration } from '@/parts/units';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useNames } from '@/shell/where';
import { Controls } from './Controls';
import { unvisited } from './curves';
import { isOpen, type Details } from './figures';
import { History } from './History';
import { Looks } from './Looks';
import { Split } from './Split';
import { Steps } from './Steps';
import { useLooks } from './useLooks';
import { Evidence, Verdict } from './Verdict';

const Charts = lazy(() => import('./Charts'));

// One rollout: who sees what, where it is among its steps, and what the judge thinks of it.
export function Rollout() {
    const { project, rollout } = useNames();
    const query = $api.useQuery('get', '/v1/projects/{project}/rollouts/{rollout}', { params: { path: { project, rollout } } });
    return (
        <Page
            title="Rollout"
            about={query.data && <span role="status"><State of={query.data.state} /></span>}
            actions={query.data && <Controls of={query.data} />}
        >
            <Loaded query={query} rows={6}>{details => <Shown of={details} />}</Loaded>
        </Page>
    );
}

function Shown({ of }: { of: Details }) {
    const { query, looks } = useLooks(of);
    const last = of.verdict;
    return (
        <>
            <Panel title="Who sees what">
                <Stack gap="lg">
                    <Split of={of} />
                    <Steps of={of} />
                    <Facts
                        of={[
                            ['Strategy', of.strategy],
                            ['Begun', <When at={of.created_at} />],
                            of.ended_at && ['Ended', <When at={of.ended_at} />],
                            of.by && ['By', <Who id={of.by} />],
                            of.reason && ['Reason', of.reason],
                            of.match && ['Also seen by', matched(of.match)],
                            of.checks.length > 0 && ['Pages that are checked', of.checks.map(check => String(check['path'])).join(', ')],
                            of.kept_until && ['Ready for a return until', <When at={of.kept_until} />],
                        ]}
                    />
                </Stack>
            </Panel>
            {last && <Verdict of={last} limits={of.limits} />}
            {looks && looks.length > 0 && (
                <Suspense fallback={<Skeleton height={480} radius="md" />}>
                    {unvisited(looks) && (
                        <Notice title="Nobody has visited yet">
                            <p>{isOpen(of.state) ? 'The curves begin with the first answers that are counted, of either version.' : 'Neither version answered anybody while it ran.'} {silence(of)}</p>
                        </Notice>
                    )}
                    <Charts of={of} looks={[...looks].reverse()} now={query.dataUpdatedAt} />
                </Suspense>
            )}
            {last?.numbers && <Evidence of={last.numbers} />}
            <History of={of.history} />
            <Loaded query={{ ...query, data: looks }}>{found => <Looks of={found} open={isOpen(of.state)} />}</Loaded>
        </>
    );
}

// What the project says of steps that nobody visits.
function silence({ state, limits }: Details): string {
    if (!isOpen(state)) {
        return '';
    }
    const ways: Record<string, string> = { go_on: 'it goes on', hold: 'it waits for you', abort: 'it is taken back' };
    const way = ways[String(limits['when_silent'])];
    return way ? `With too few requests after ${duration(Number(limits['max_seconds']) * 1000)} of a step, ${way}.` : '';
}

function matched(match: Record<string, unknown>): string {
    const values = Array.isArray(match['values']) ? match['values'].join(', ') : '';
    return match['kind'] === 'country' ? `visitors from ${values}` : `the ${String(match['kind'])} ${String(match['name'])}: ${values}`;
}
