import { useId } from 'react';

// A line of numbers, small: how it went, not how much it was. `label` says in words what the line shows.
export function Spark({ values, label, height = 44, tone = 'var(--deck-live)' }: { values: number[]; label: string; height?: number; tone?: string }) {
    const id = useId();
    const most = Math.max(...values, 1);
    const width = 240;
    const points = values.map((value, at) => [(at / Math.max(values.length - 1, 1)) * width, height - 3 - (value / most) * (height - 6)] as const);
    const line = points.map(([x, y], at) => `${at ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
    return (
        <svg viewBox={`0 0 ${width} ${height}`} width="100%" height={height} preserveAspectRatio="none" role="img" aria-label={label} style={{ display: 'block' }}>
            <defs>
                <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
                    <stop offset="0" style={{ stopColor: tone }} stopOpacity="0.25" />
                    <stop offset="1" style={{ stopColor: tone }} stopOpacity="0" />
                </linearGradient>
            </defs>
            {values.length > 0 && <path d={`${line}L${width} ${height}L0 ${height}Z`} fill={`url(#${id})`} />}
            <path d={line} fill="none" style={{ stroke: tone }} strokeWidth="1.75" strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
        </svg>
    );
}
