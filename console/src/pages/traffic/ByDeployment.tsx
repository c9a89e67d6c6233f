import { Link } from '@tanstack/react-router';
import { Grid } from '@/parts/Grid';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration, percent } from '@/parts/units';
import { errorRate, hitRatio, type Traffic } from './shapes';

// Which deployment answered how much, and how well: during a rollout, both.
export function ByDeployment({ rows }: { rows: Traffic['deployments'] }) {
    if (rows.length === 0) {
        return null;
    }
    const share = (value: number | null) => <span className="numbers">{value === null ? '–' : percent(value)}</span>;
    return (
        <Panel title="By deployment" flush>
            <Grid
                name="Traffic by deployment"
                rows={rows}
                keyOf={one => one.deployment}
                columns={[
                    { label: 'Deployment', shows: one => <Link to={`/deployments/${one.deployment}`} className="mono">{one.deployment.slice(-10)}</Link> },
                    { label: 'Requests', shows: one => <span className="numbers">{count(one.requests)}</span> },
                    { label: 'Sent', shows: one => <span className="numbers">{bytes(one.bytes)}</span> },
                    { label: 'Server errors', shows: one => share(errorRate(one)) },
                    { label: 'From the cache', shows: one => share(hitRatio(one)) },
                    { label: 'p95', shows: one => <span className="numbers">{one.p95_ms === null ? '' : duration(one.p95_ms)}</span> },
                ]}
            />
        </Panel>
    );
}
