import { IconBrandGit, IconFolderUp, IconTerminal2 } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import classes from './New.module.css';
import type { Way } from './plan';

const WAYS = [
    { way: 'repository', icon: IconBrandGit, name: 'A repository', about: 'Every push is deployed' },
    { way: 'folder', icon: IconFolderUp, name: 'A folder', about: 'Dropped here, deployed now' },
    { way: 'terminal', icon: IconTerminal2, name: 'Your terminal', about: 'git push, or deck deploy' },
] as const;

// Where the source is, as three cards of which one is chosen.
export function Ways({ now, choose }: { now: Way; choose: (way: Way) => void }) {
    const step = (event: KeyboardEvent) => {
        const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (by) {
            event.preventDefault();
            const at = WAYS.findIndex(one => one.way === now);
            const next = (at + by + WAYS.length) % WAYS.length;
            choose((WAYS[next] as (typeof WAYS)[number]).way);
            (event.currentTarget.children[next] as HTMLElement).focus();
        }
    };
    return (
        <div className={classes.ways} role="radiogroup" aria-label="Where the source is" onKeyDown={step}>
            {WAYS.map(({ way, icon: Icon, name, about }) => (
                <button key={way} type="button" role="radio" aria-checked={way === now} tabIndex={way === now ? 0 : -1} className={classes.way} onClick={() => choose(way)}>
                    <Icon size={22} stroke={1.6} />
                    <span>
                        <strong>{name}</strong>
                        <small>{about}</small>
                    </span>
                </button>
            ))}
        </div>
    );
}
