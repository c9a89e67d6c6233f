import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1],
];
const SAID = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

export function ago(at: string, now = Date.now()): string {
    const seconds = (new Date(at).getTime() - now) / 1000;
    const [unit, length] = STEPS.find(([, one]) => Math.abs(seconds) >= one) ?? ['second', 1];
    return Math.abs(seconds) < 5 ? 'now' : SAID.format(Math.round(seconds / length), unit);
}

// A moment as people say it, and on pointing at it to the second, in their own time zone.
export function When({ at }: { at: string | null | undefined }) {
    const [, tick] = useState(0);
    useEffect(() => {
        const ticking = setInterval(() => tick(count => count + 1), 15_000);
        return () => clearInterval(ticking);
    }, []);
    if (!at) {
        return <span className="soft">never</span>;
    }
    return (
        <Tooltip label={new Date(at).toLocaleString()}>
            <time dateTime={at}>{ago(at)}</time>
        </Tooltip>
    );
}
