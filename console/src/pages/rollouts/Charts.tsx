import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Area, AreaChart, CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { Panel } from '@/parts/Panel';
import { clock, MEASURES, points, scale, shares, span, told, toldShares, type Look, type Measure, type Scale, type Scope } from './curves';
import { isOpen, share, type Details } from './figures';
import classes from './rollouts.module.css';

const BLUE = 'var(--deck-live)';
const GREY = 'var(--deck-soft)';
const TICKS = { fontSize: 12, fill: GREY };

// How a rollout went: who saw what, and what both versions answered, over the same time. The table of looks has the same numbers.
export default function Charts({ of, looks, now }: { of: Details; looks: Look[]; now: number }) {
    const [scope, setScope] = useState<Scope>('recent');
    const ends = span(of, looks, now);
    const split = shares(of, ends[1]);
    if (!isOpen(of.state) && split.at(-1)!.at < ends[1]) {
        split.push({ ...split.at(-1)!, at: ends[1] });
    }
    return (
        <Panel
            title="Over time"
            about="Blue is the new version, grey the live one."
            actions={
                <SegmentedControl
                    size="xs"
                    value={scope}
                    onChange={value => setScope(value as Scope)}
                    data={[{ value: 'recent', label: 'At each look' }, { value: 'all', label: 'Since the beginning' }]}
                    aria-label="What the curves count"
                />
            }
        >
            <div className={classes.charts}>
                <figure className={classes.chart} aria-label={toldShares(split)} role="img">
                    <figcaption>Visitors who see it</figcaption>
                    <div className={classes.plot}>
                        <ResponsiveContainer width="100%" height="100%">
                            <AreaChart data={split} margin={MARGIN} accessibilityLayer={false}>
                                {axes(ends, ALL, share)}
                                <Area type="stepAfter" stackId="all" name="New" dataKey="canary" stroke={BLUE} fill={BLUE} fillOpacity={0.5} strokeWidth={2} isAnimationActive={false} />
                                <Area type="stepAfter" stackId="all" name="Live" dataKey="live" stroke="none" fill={GREY} fillOpacity={0.18} isAnimationActive={false} />
                            </AreaChart>
                        </ResponsiveContainer>
                    </div>
                </figure>
                {MEASURES.map(measure => (
                    <Curve key={measure.name} measure={measure} of={of} looks={looks} scope={scope} ends={ends} />
                ))}
            </div>
        </Panel>
    );
}

function Curve({ measure, of, looks, scope, ends }: { measure: Measure; of: Details; looks: Look[]; scope: Scope; ends: [number, number] }) {
    const drawn = points(looks, measure, scope);
    const limit = measure.limit(of.limits);
    const few = drawn.length < 30 && { r: 2.5 };
    return (
        <figure className={classes.chart} aria-label={told(drawn, measure, limit)} role="img">
            <figcaption>
                {measure.name} <span className={classes.limit}>{measure.side === 'below' ? 'at most' : 'at least'} {measure.shown(limit)}</span>
            </figcaption>
            <div className={classes.plot}>
                <ResponsiveContainer width="100%" height="100%">
                    <LineChart data={drawn} margin={MARGIN} accessibilityLayer={false}>
                        {axes(ends, scale(drawn, measure, limit), measure.shown, measure.factors)}
                        <ReferenceLine y={limit} stroke="var(--deck-bad)" strokeDasharray="6 4" />
                        <Line name="Live" dataKey="live" stroke={GREY} strokeWidth={2} strokeDasharray="5 4" dot={false} isAnimationActive={false} connectNulls />
                        <Line name="New" dataKey="canary" stroke={BLUE} strokeWidth={2} dot={few} isAnimationActive={false} connectNulls />
                    </LineChart>
                </ResponsiveContainer>
            </div>
        </figure>
    );
}

const MARGIN = { top: 8, right: 12, bottom: 0, left: 0 };
const ALL: Scale = { domain: [0, 100], ticks: [0, 25, 50, 75, 100] };

function axes(ends: [number, number], { domain, ticks }: Scale, shown: (value: number) => string, factors = false) {
    return (
        <>
            <CartesianGrid stroke="var(--deck-line)" vertical={false} />
            <XAxis dataKey="at" type="number" domain={ends} tickFormatter={clock} tick={TICKS} stroke="var(--deck-line)" minTickGap={48} tickCount={5} allowDataOverflow />
            <YAxis
                tickFormatter={value => shown(Number(value)).replaceAll(' ', '\u00a0')}
                tick={TICKS}
                stroke="var(--deck-line)"
                width={64}
                domain={domain}
                ticks={ticks}
                scale={factors ? 'log' : 'auto'}
                interval={0}
                allowDataOverflow
            />
            <Tooltip
                labelFormatter={at => clock(Number(at))}
                formatter={(value, name) => [shown(Number(value)), name]}
                contentStyle={{ background: 'var(--deck-surface)', border: '1px solid var(--deck-line)', borderRadius: 8, color: 'var(--mantine-color-text)' }}
            />
        </>
    );
}
