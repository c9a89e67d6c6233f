import type { ReactNode } from 'react';
import classes from './Summary.module.css';

export type Fact = [label: string, value: ReactNode] | false | null | undefined | '';

// What is known of something, as names with their values, as many beside each other as there is room for.
export function Facts({ of }: { of: Fact[] }) {
    return (
        <dl className={classes.summary}>
            {of.map(
                fact =>
                    fact && (
                        <div key={fact[0]}>
                            <dt>{fact[0]}</dt>
                            <dd>{fact[1]}</dd>
                        </div>
                    ),
            )}
        </dl>
    );
}
