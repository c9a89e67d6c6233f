import { Skeleton, Stack } from '@mantine/core';
import { lazy, Suspense, useEffect } from 'react';
import { $api } from '@/api/query';
import { Facts } from '@/pages/deployments/Facts';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useNames } from '@/shell/where';
import { Controls } from './Controls';
import { isOpen, verdicts, type Details } from './figures';
import { Split } from './Split';
import { Steps } from './Steps';
import { useLooks } from './useLooks';
import { Evidence, History, Verdict } from './Verdict';

const Chart = lazy(() => import('./Chart'));
// The judge looks by itself and tells nobody until it decides.
const LOOK_MS = 5000;

// One rollout: who sees what, where it is among its steps, and what the judge thinks of it.
export function Rollout() {
    const { project, rollout } = useNames();
    const query = $api.useQuery('get', '/v1/projects/{project}/rollouts/{rollout}', { params: { path: { project, rollout } } });
    const open = query.data !== undefined && isOpen(query.data.state);
    const { refetch } = query;
    useEffect(() => {
        const looking = open ? setInterval(() => void refetch(), LOOK_MS) : undefined;
        return () => clearInterval(looking);
    }, [open, refetch]);
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
    const said = verdicts(of);
    const last = said.findLast(one => one.outcome !== 'shift') ?? null;
    const seen = useLooks(of).filter(one => one.numbers);
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
            {seen.length > 1 && (
                <Suspense fallback={<Skeleton height={280} radius="md" />}>
                    <Chart of={seen} />
                </Suspense>
            )}
            {last?.numbers && <Evidence of={last.numbers} />}
            <History of={said} />
        </>
    );
}

function matched(match: Record<string, unknown>): string {
    const values = Array.isArray(match['values']) ? match['values'].join(', ') : '';
    return match['kind'] === 'country' ? `visitors from ${values}` : `the ${String(match['kind'])} ${String(match['name'])}: ${values}`;
}
