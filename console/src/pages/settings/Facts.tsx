import type { ReactNode } from 'react';
import classes from './settings.module.css';

// Names and what they stand for, one below the other.
export function Facts({ rows }: { rows: [string, ReactNode][] }) {
    return (
        <dl className={classes.facts}>
            {rows.map(([name, value]) => (
                <div key={name} className={classes.fact}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}
