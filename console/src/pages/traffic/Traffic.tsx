import { SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration, percent } from '@/parts/units';
import { When } from '@/parts/When';
import { useNames } from '@/shell/where';
import { ByDeployment } from './ByDeployment';
import { useTraffic } from './asked';
import { errorRate, hitRatio, RANGES, type Kind, type Range, type Traffic as Seen } from './shapes';
import classes from './traffic.module.css';

const Charts = lazy(() => import('./Charts').then(found => ({ default: found.Charts })));
const Figures = lazy(() => import('./Figures').then(found => ({ default: found.Figures })));

// What visitors asked of a site, and how it answered.
export function Traffic() {
    const { project } = useNames();
    const [asked, setRange] = useInAddress('range', '24h');
    const [whose, setKind] = useInAddress('kind', 'live');
    const [view, setView] = useInAddress('view', 'charts');
    const range = (RANGES.find(one => one.value === asked)?.value ?? '24h') as Range;
    const kind: Kind = whose === 'preview' ? 'preview' : 'live';
    const traffic = useTraffic(project, range, kind);
    const said = RANGES.find(one => one.value === range)?.said ?? '';
    return (
        <Page
            title="Traffic"
            about={<>What was asked in {said}.{traffic.data && <> Looked at <When at={new Date(traffic.dataUpdatedAt).toISOString()} /></>}</>}
            actions={
                <>
                    <SegmentedControl aria-label="Whose" data={[{ value: 'live', label: 'Visitors' }, { value: 'preview', label: 'Previews' }]} value={kind} onChange={setKind} />
                    <SegmentedControl aria-label="Range" data={RANGES.map(({ value, label }) => ({ value, label }))} value={range} onChange={setRange} />
                </>
            }
        >
            <Loaded query={traffic} rows={6}>
                {found => (
                    <>
                        <Totals of={found} />
                        {found.totals.requests === 0 ? (
                            <Panel>
                                <Empty icon={<IconChartLine />} title={kind === 'live' ? 'Nobody asked yet' : 'No preview was asked for'}>
                                    Requests show here within a minute of being answered.
                                </Empty>
                            </Panel>
                        ) : (
                            <Stack>
                                <div>
                                    <SegmentedControl size="xs" aria-label="Shown as" data={[{ value: 'charts', label: 'Charts' }, { value: 'table', label: 'Table' }]} value={view} onChange={setView} />
                                </div>
                                <Suspense fallback={<Skeleton height={320} radius="md" />}>{view === 'table' ? <Figures of={found} range={range} /> : <Charts of={found} range={range} />}</Suspense>
                                <ByDeployment rows={found.deployments} />
                            </Stack>
                        )}
                    </>
                )}
            </Loaded>
        </Page>
    );
}

// A share of server errors that somebody should look into.
const ALARMING = 0.01;

function Totals({ of: { totals } }: { of: Seen }) {
    const hits = hitRatio(totals);
    const errors = errorRate(totals);
    const shown: [string, string, boolean?][] = [
        ['Requests', count(totals.requests)],
        ['Sent', bytes(totals.bytes)],
        ['From the cache', hits === null ? '–' : percent(hits)],
        ['Server errors', errors === null ? '–' : percent(errors), errors !== null && errors > ALARMING],
        ['Median (p50)', totals.p50_ms === null ? '–' : duration(totals.p50_ms)],
        ['p95', totals.p95_ms === null ? '–' : duration(totals.p95_ms)],
    ];
    return (
        <dl className={classes.totals} aria-live="off">
            {shown.map(([name, value, bad]) => (
                <div key={name} className={classes.total}>
                    <dt>{name}</dt>
                    <dd className={`numbers ${bad ? classes.bad : ''}`}>{value}</dd>
                </div>
            ))}
        </dl>
    );
}
