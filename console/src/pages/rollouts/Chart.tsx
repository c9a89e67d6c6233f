import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { Panel } from '@/parts/Panel';
import { duration, percent } from '@/parts/units';
import type { Verdict } from './figures';

type Figures = NonNullable<Verdict['numbers']>['live'];

const KINDS: Record<string, { label: string; of: (one: Figures) => number | null; shown: (value: number) => string; least: number }> = {
    errors: { label: 'Error rate', of: one => one.error_rate, shown: percent, least: 0.02 },
    p95: { label: 'p95', of: one => one.p95_ms, shown: duration, least: 10 },
    health: { label: 'Health', of: one => one.health, shown: value => value.toFixed(0), least: 100 },
    requests: { label: 'Requests', of: one => one.requests, shown: value => value.toLocaleString('en'), least: 10 },
};

const clock = (at: number): string => new Date(at).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

// The numbers of both versions at every look, one beside the other.
export default function Chart({ of }: { of: Verdict[] }) {
    const [kind, setKind] = useState('errors');
    const { of: value, shown, least } = KINDS[kind] as (typeof KINDS)[string];
    const points = of.flatMap(one => (one.numbers ? [{ at: Date.parse(one.at), canary: value(one.numbers.canary), live: value(one.numbers.live) }] : []));
    const ticks = { fontSize: 12, fill: 'var(--deck-soft)' };
    return (
        <Panel title="Over time" actions={<SegmentedControl size="xs" value={kind} onChange={setKind} data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))} aria-label="Which number" />}>
            <div style={{ height: 220 }} role="img" aria-label={`${KINDS[kind]?.label} of the new and of the live version at ${points.length} looks; the table below has the numbers`}>
                <ResponsiveContainer width="100%" height="100%">
                    <LineChart data={points} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
                        <CartesianGrid stroke="var(--deck-line)" vertical={false} />
                        <XAxis dataKey="at" type="number" domain={['dataMin', 'dataMax']} tickFormatter={clock} tick={ticks} stroke="var(--deck-line)" minTickGap={40} />
                        <YAxis tickFormatter={shown} tick={ticks} stroke="var(--deck-line)" width={68} domain={[0, most => Math.max(most, least)]} />
                        <Tooltip
                            labelFormatter={at => clock(Number(at))}
                            formatter={(value, name) => [shown(Number(value)), name]}
                            contentStyle={{ background: 'var(--deck-surface)', border: '1px solid var(--deck-line)', borderRadius: 8, color: 'var(--mantine-color-text)' }}
                        />
                        <Line name="New" dataKey="canary" stroke="var(--deck-live)" strokeWidth={2} dot={{ r: 3 }} isAnimationActive={false} connectNulls />
                        <Line name="Live" dataKey="live" stroke="var(--deck-soft)" strokeWidth={2} strokeDasharray="5 4" dot={false} isAnimationActive={false} connectNulls />
                    </LineChart>
                </ResponsiveContainer>
            </div>
        </Panel>
    );
}
