import { useReducedMotion } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Area, AreaChart, Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration, percent } from '@/parts/units';
import { hitRatio, tick, type Range, type Traffic } from './shapes';
import classes from './traffic.module.css';

interface Curve {
    key: string;
    name: string;
    colour: string;
    of: (point: Traffic['series'][number]) => number | null;
}

const BLUE = 'var(--deck-live)';
const GREEN = 'var(--deck-good)';
const AMBER = 'var(--deck-warn)';
const RED = 'var(--deck-bad)';

const REQUESTS: Curve[] = [{ key: 'requests', name: 'Requests', colour: BLUE, of: point => point.requests }];
const BYTES: Curve[] = [{ key: 'bytes', name: 'Sent', colour: GREEN, of: point => point.bytes }];
const CACHE: Curve[] = [{ key: 'ratio', name: 'From the cache', colour: BLUE, of: point => hitRatio(point) }];
const STATUS: Curve[] = [
    { key: 's2', name: '2xx', colour: GREEN, of: point => point.status['2xx'] },
    { key: 's3', name: '3xx', colour: BLUE, of: point => point.status['3xx'] },
    { key: 's4', name: '4xx', colour: AMBER, of: point => point.status['4xx'] },
    { key: 's5', name: '5xx', colour: RED, of: point => point.status['5xx'] },
];
const LATENCY: Curve[] = [
    { key: 'p50', name: 'half of all', colour: GREEN, of: point => point.p50_ms },
    { key: 'p95', name: '95 of 100', colour: AMBER, of: point => point.p95_ms },
    { key: 'p99', name: '99 of 100', colour: RED, of: point => point.p99_ms },
];

// The charts; the table beside them has the same numbers for those who do not see them.
export function Charts({ of, range }: { of: Traffic; range: Range }) {
    return (
        <div className="columns">
            <One title="Requests" lines={REQUESTS} of={of} range={range} says={count} shape="area" />
            <One title="Sent" lines={BYTES} of={of} range={range} says={bytes} shape="area" />
            <One title="Status codes" lines={STATUS} of={of} range={range} says={count} shape="bars" />
            <One title="Time to answer" lines={LATENCY} of={of} range={range} says={duration} shape="lines" />
            <One title="Answered from the cache" lines={CACHE} of={of} range={range} says={percent} shape="lines" top={1} />
        </div>
    );
}

function One({ title, lines, of, range, says, shape, top }: { title: string; lines: Curve[]; of: Traffic; range: Range; says: (value: number) => string; shape: 'area' | 'bars' | 'lines'; top?: number }) {
    const still = useReducedMotion();
    const data = of.series.map(point => Object.fromEntries([['at', point.at], ...lines.map(line => [line.key, line.of(point)])]));
    const frame = (
        <>
            <CartesianGrid vertical={false} stroke="var(--deck-line)" />
            <XAxis dataKey="at" tickFormatter={at => tick(String(at), range)} stroke="var(--deck-soft)" tickLine={false} axisLine={false} minTickGap={40} />
            <YAxis width={60} tickFormatter={value => says(Number(value)).replaceAll(' ', '\u00a0')} stroke="var(--deck-soft)" tickLine={false} axisLine={false} domain={[0, top ?? 'auto']} allowDecimals={top !== undefined} />
            <Tooltip content={({ active, payload, label }) => (active && payload ? <Tip at={String(label)} rows={payload.map(one => [String(one.name), Number(one.value), String(one.color)])} says={says} /> : null)} />
        </>
    );
    const animate = !still;
    const charts: Record<typeof shape, ReactNode> = {
        area: (
            <AreaChart data={data}>
                {frame}
                {lines.map(line => <Area key={line.key} dataKey={line.key} name={line.name} stroke={line.colour} fill={line.colour} fillOpacity={0.15} strokeWidth={2} type="monotone" isAnimationActive={animate} animationDuration={300} />)}
            </AreaChart>
        ),
        bars: (
            <BarChart data={data}>
                {frame}
                {lines.map(line => <Bar key={line.key} dataKey={line.key} name={line.name} stackId="all" fill={line.colour} isAnimationActive={animate} animationDuration={300} />)}
            </BarChart>
        ),
        lines: (
            <LineChart data={data}>
                {frame}
                {lines.map(line => <Line key={line.key} dataKey={line.key} name={line.name} stroke={line.colour} strokeWidth={2} dot={false} connectNulls type="monotone" isAnimationActive={animate} animationDuration={300} />)}
            </LineChart>
        ),
    };
    const most = Math.max(0, ...data.flatMap(row => lines.map(line => Number(row[line.key] ?? 0))));
    return (
        <Panel
            title={title}
            actions={
                lines.length > 1 && (
                    <div className={classes.keys}>
                        {lines.map(line => (
                            <span key={line.key}>
                                <i className={classes.key} style={{ background: line.colour }} />
                                {line.name}
                            </span>
                        ))}
                    </div>
                )
            }
        >
            <div className={classes.chart} role="img" aria-label={`${title}: at most ${says(most)} in one step. The table has the numbers.`}>
                <ResponsiveContainer>{charts[shape] as never}</ResponsiveContainer>
            </div>
        </Panel>
    );
}

function Tip({ at, rows, says }: { at: string; rows: [string, number, string][]; says: (value: number) => string }) {
    return (
        <div className={classes.tip}>
            <strong>{new Date(at).toLocaleString()}</strong>
            {rows.map(([name, value, colour]) => (
                <div key={name}>
                    <i className={classes.key} style={{ background: colour }} />
                    {name}: <span className="numbers">{says(value)}</span>
                </div>
            ))}
        </div>
    );
}
