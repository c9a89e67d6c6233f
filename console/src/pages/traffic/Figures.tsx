import { Grid } from '@/parts/Grid';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration, percent } from '@/parts/units';
import { hitRatio, tick, type Range, type Traffic } from './shapes';

const ms = (value: number | null) => (value === null ? '' : duration(value));

// The same as the charts, in numbers, the newest first.
export function Figures({ of, range }: { of: Traffic; range: Range }) {
    const rows = of.series.filter(point => point.requests > 0).reverse();
    return (
        <Panel title="In numbers" about="Steps in which nobody asked are left out." flush>
            <Grid
                name="Traffic in numbers"
                rows={rows}
                keyOf={point => point.at}
                columns={[
                    { label: 'From', shows: point => <time dateTime={point.at}>{range === '7d' ? `${tick(point.at, range)} ${tick(point.at, '1h')}` : tick(point.at, range)}</time> },
                    { label: 'Requests', shows: point => <span className="numbers">{count(point.requests)}</span> },
                    { label: 'Sent', shows: point => <span className="numbers">{bytes(point.bytes)}</span> },
                    { label: '2xx', shows: point => <span className="numbers">{count(point.status['2xx'])}</span> },
                    { label: '3xx', shows: point => <span className="numbers">{count(point.status['3xx'])}</span> },
                    { label: '4xx', shows: point => <span className="numbers">{count(point.status['4xx'])}</span> },
                    { label: '5xx', shows: point => <span className="numbers">{count(point.status['5xx'])}</span> },
                    { label: 'Cache', shows: point => <span className="numbers">{hitRatio(point) === null ? '' : percent(hitRatio(point) ?? 0)}</span> },
                    { label: 'p50', shows: point => <span className="numbers">{ms(point.p50_ms)}</span> },
                    { label: 'p95', shows: point => <span className="numbers">{ms(point.p95_ms)}</span> },
                    { label: 'p99', shows: point => <span className="numbers">{ms(point.p99_ms)}</span> },
                ]}
            />
        </Panel>
    );
}
