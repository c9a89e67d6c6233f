import { initial, pattern } from './pattern';

// The drawn picture of a project: as a small square beside its name, or filling the box that a screenshot would have.
export function Mark({ id, name, size }: { id: string; name: string; size?: number }) {
    const { from, to, shapes } = pattern(id);
    const square = size !== undefined;
    const box = square ? '30 0 100 100' : '0 0 160 100';
    const gradient = `mark-${id}-${size ?? 'wide'}`;
    return (
        <svg
            viewBox={box}
            preserveAspectRatio="xMidYMid slice"
            width={size ?? '100%'}
            height={size ?? '100%'}
            aria-hidden="true"
            style={{ display: 'block', flex: 'none', borderRadius: square ? 8 : 0 }}
        >
            <defs>
                <linearGradient id={gradient} x1="0" y1="0" x2="1" y2="1">
                    <stop offset="0" style={{ stopColor: from }} />
                    <stop offset="1" style={{ stopColor: to }} />
                </linearGradient>
            </defs>
            <rect width="160" height="100" fill={`url(#${gradient})`} />
            {shapes.map((shape, index) => (
                <circle key={index} cx={shape.x} cy={shape.y} r={shape.r} fill="#fff" opacity={shape.opacity} />
            ))}
            <text x="80" y={square ? 68 : 64} textAnchor="middle" fontSize={square ? 54 : 40} fontWeight="650" fill="#fff">
                {initial(name)}
            </text>
        </svg>
    );
}
