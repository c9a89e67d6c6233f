import { useEffect, useState, useSyncExternalStore } from 'react';
import { useDeployment } from '@/shell/where';
import { isOver } from '../states';
import { Lines } from './lines';

interface Held {
    lines: Lines;
    users: number;
}

const held = new Map<string, Held>();
const MOMENT_MS = 1000;

function take(deployment: string): Held {
    const found = held.get(deployment) ?? { lines: new Lines(deployment), users: 0 };
    held.set(deployment, found);
    return found;
}

// The lines of a deployment, asked for once by all that shows them, and for a moment longer than that.
export function useLines(deployment: string): Lines {
    const [lines, setLines] = useState(() => take(deployment).lines);
    const over = isOver(useDeployment(deployment).data?.state ?? '');
    useEffect(() => {
        const mine = take(deployment);
        mine.users += 1;
        if (mine.lines.state === 'idle') {
            void mine.lines.begin();
        }
        setLines(mine.lines);
        return () => {
            mine.users -= 1;
            setTimeout(() => {
                if (mine.users === 0 && held.get(deployment) === mine) {
                    mine.lines.end();
                    held.delete(deployment);
                }
            }, MOMENT_MS);
        };
    }, [deployment]);
    useEffect(() => {
        if (over) {
            lines.finish();
        }
    }, [lines, over]);
    useSyncExternalStore(lines.subscribe, lines.snapshot);
    return lines;
}
