import { useEffect, useState } from 'react';

const SIDE = 192;

// A text as a camera reads it. Always dark on light: many cameras read nothing else.
export function QrCode({ text }: { text: string }) {
    const [rows, setRows] = useState<boolean[][]>();
    useEffect(() => {
        let over = false;
        void import('qr').then(({ default: encode }) => !over && setRows(encode(text, 'raw', { border: 2 })));
        return () => {
            over = true;
        };
    }, [text]);
    if (!rows) {
        return null;
    }
    const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x},${y}h1v1h-1z` : ''))).join('');
    return (
        <svg width={SIDE} height={SIDE} viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label="The key as a QR code" shapeRendering="crispEdges">
            <rect width={rows.length} height={rows.length} fill="#fff" rx={1} />
            <path d={path} fill="#000" />
        </svg>
    );
}
