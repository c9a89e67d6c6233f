import type { ReactNode } from 'react';
import { Area, AreaChart, Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { Panel } from '@/parts/Panel';
import { bytes, count, duration, percent } from '@/parts/units';
import { errorRate, hitRatio, lone, stretch, tick, type Range, type Traffic } from './shapes';
import classes from './traffic.module.css';

interface Curve {
    key: string;
    name: string;
    colour: string;
    dash?: string;
    of: (point: Traffic['series'][number]) => number | null;
}

const BLUE = 'var(--deck-live)';
const PALE = 'color-mix(in srgb, var(--deck-live) 55%, var(--deck-soft))';
const AMBER = 'var(--deck-warn)';
const RED = 'var(--deck-bad)';

// What went well is quiet, what did not has the colour for it.
const STATUS: Curve[] = [
    { key: 's2', name: '2xx', colour: BLUE, of: point => point.status['2xx'] },
    { key: 's3', name: '3xx', colour: 'color-mix(in srgb, var(--deck-live) 40%, var(--deck-surface))', of: point => point.status['3xx'] },
    { key: 's4', name: '4xx', colour: AMBER, of: point => point.status['4xx'] },
    { key: 's5', name: '5xx', colour: RED, of: point => point.status['5xx'] },
];
const LATENCY: Curve[] = [
    { key: 'p50', name: 'p50', colour: BLUE, of: point => point.p50_ms },
    { key: 'p95', name: 'p95', colour: PALE, dash: '6 3', of: point => point.p95_ms },
    { key: 'p99', name: 'p99', colour: 'var(--deck-soft)', dash: '2 3', of: point => point.p99_ms },
];
const BYTES: Curve[] = [{ key: 'bytes', name: 'Sent', colour: BLUE, of: point => point.bytes }];
const CACHE: Curve[] = [{ key: 'ratio', name: 'From the cache', colour: BLUE, of: point => hitRatio(point) }];
const ERRORS: Curve[] = [{ key: 'errors', name: 'Server errors', colour: RED, of: point => errorRate(point) }];

// The charts, which stand still: they are drawn anew whenever they are asked anew; the table beside them has the same numbers for those who do not see them.
export function Charts({ of, range }: { of: Traffic; range: Range }) {
    return (
        <div className={classes.charts}>
            <One title="Requests by status" wide lines={STATUS} of={of} range={range} says={count} shape="bars" />
            <One title="Time to answer" lines={LATENCY} of={of} range={range} says={duration} shape="lines" />
            <One title="Server errors" about="share of requests" lines={ERRORS} of={of} range={range} says={percent} shape="lines" least={0.04} />
            <One title="Answered from the cache" about="share of requests" lines={CACHE} of={of} range={range} says={percent} shape="lines" top={1} />
            <One title="Sent" lines={BYTES} of={of} range={range} says={bytes} shape="area" />
        </div>
    );
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

interface Asked {
    title: string;
    about?: string;
    wide?: boolean;
    lines: Curve[];
    of: Traffic;
    range: Range;
    says: (value: number) => string;
    shape: 'area' | 'bars' | 'lines';
    top?: number; // where the axis ends
    least?: number; // where it ends at least, so that next to nothing looks like it
}

function One({ title, about, wide, lines, of, range, says, shape, top, least = 0 }: Asked) {
    const data = of.series.map(point => Object.fromEntries([['at', point.at], ...lines.map(line => [line.key, line.of(point)])]));
    const most = Math.max(0, ...data.flatMap(row => lines.map(line => Number(row[line.key] ?? 0))));
    const end = top ?? (most <= least ? least : undefined);
    const ticks = end === undefined ? undefined : QUARTERS.map(part => part * end);
    const frame = (
        <>
            <CartesianGrid vertical={false} stroke="var(--deck-line)" />
            <XAxis dataKey="at" tickFormatter={at => tick(String(at), range)} stroke="var(--deck-soft)" tickLine={false} axisLine={{ stroke: 'var(--deck-line)' }} minTickGap={48} tickMargin={8} height={32} />
            <YAxis
                width={58}
                tickFormatter={value => says(Number(value)).replaceAll(' ', '\u00a0')}
                stroke="var(--deck-soft)"
                tickLine={false}
                axisLine={false}
                tickCount={5}
                ticks={ticks}
                domain={[0, ticks?.at(-1) ?? 'auto']}
                allowDecimals={shape === 'lines'}
            />
            <Tooltip
                cursor={{ fill: 'var(--deck-idle-bg)', stroke: 'var(--deck-line)' }}
                isAnimationActive={false}
                content={({ active, payload, label }) => (active && payload ? <Tip at={String(label)} seconds={of.step_seconds} rows={payload.map(one => [String(one.name), Number(one.value), String(one.color)])} says={says} /> : null)}
            />
        </>
    );
    const margin = { top: 8, right: 8, bottom: 0, left: 0 };
    const charts: Record<typeof shape, ReactNode> = {
        area: (
            <AreaChart data={data} margin={margin} accessibilityLayer={false}>
                {frame}
                {lines.map(line => <Area key={line.key} dataKey={line.key} name={line.name} stroke={line.colour} fill={line.colour} fillOpacity={0.14} strokeWidth={2} type="monotone" isAnimationActive={false} />)}
            </AreaChart>
        ),
        bars: (
            <BarChart data={data} margin={margin} maxBarSize={28} accessibilityLayer={false}>
                {frame}
                {lines.map(line => <Bar key={line.key} dataKey={line.key} name={line.name} stackId="all" fill={line.colour} isAnimationActive={false} />)}
            </BarChart>
        ),
        lines: (
            <LineChart data={data} margin={margin} accessibilityLayer={false}>
                {frame}
                {lines.map(line => (
                    <Line
                        key={line.key}
                        dataKey={line.key}
                        name={line.name}
                        stroke={line.colour}
                        strokeWidth={2}
                        strokeDasharray={line.dash}
                        // A value with nothing beside it would be a line without length.
                        dot={({ cx, cy, index }: { cx?: number; cy?: number; index?: number }) => <circle key={index} cx={cx ?? 0} cy={cy ?? 0} r={lone(data, line.key, index ?? 0) ? 3 : 0} fill={line.colour} />}
                        activeDot={{ r: 4, strokeWidth: 0 }}
                        type="monotone"
                        isAnimationActive={false}
                    />
                ))}
            </LineChart>
        ),
    };
    return (
        <div className={wide ? classes.broad : undefined}>
            <Panel
                title={title}
                actions={
                    <div className={classes.keys}>
                        {about ??
                            (lines.length > 1 &&
                                lines.map(line => (
                                    <span key={line.key}>
                                        <i className={classes.key} style={{ background: line.colour }} />
                                        {line.name}
                                    </span>
                                )))}
                    </div>
                }
            >
                <div className={`${classes.chart} ${wide ? classes.tall : ''}`} role="img" aria-label={`${title}: at most ${says(most)} in one step. The table has the numbers.`}>
                    <ResponsiveContainer>{charts[shape] as never}</ResponsiveContainer>
                </div>
            </Panel>
        </div>
    );
}

function Tip({ at, seconds, rows, says }: { at: string; seconds: number; rows: [string, number, string][]; says: (value: number) => string }) {
    return (
        <div className={classes.tip}>
            <strong>{stretch(at, seconds)}</strong>
            {rows.map(([name, value, colour]) => (
                <div key={name}>
                    <i className={classes.key} style={{ background: colour }} />
                    <span>{name}</span>
                    <span className={`numbers ${classes.value}`}>{Number.isNaN(value) ? '–' : says(value)}</span>
                </div>
            ))}
        </div>
    );
}
