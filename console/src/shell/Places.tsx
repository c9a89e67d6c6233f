import { Link } from '@tanstack/react-router';
import classes from './Frame.module.css';
import type { Group } from './navigation';
import { usePath } from './where';

// The place that the address is at, or below: the longest that fits.
function here(groups: Group[], path: string): string | undefined {
    const fitting = groups.flatMap(group => group.places.map(place => place.to)).filter(to => path === to || path.startsWith(`${to}/`));
    return fitting.sort((a, b) => b.length - a.length)[0];
}

export function Places({ groups, onGo }: { groups: Group[]; onGo?: () => void }) {
    const current = here(groups, usePath());
    return (
        <nav aria-label="Places">
            {groups.map((group, index) => (
                <div className={classes.group} key={group.label ?? index}>
                    {group.label && <div className={classes.label}>{group.label}</div>}
                    {group.places.map(({ label, to, icon: Icon }) => (
                        <Link key={to} to={to} className={classes.place} activeOptions={{ exact: true }} aria-current={to === current ? 'page' : undefined} onClick={onGo}>
                            <Icon size={17} stroke={1.7} />
                            {label}
                        </Link>
                    ))}
                </div>
            ))}
        </nav>
    );
}
