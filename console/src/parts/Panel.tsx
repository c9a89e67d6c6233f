import type { ReactNode } from 'react';
import classes from './Panel.module.css';

// A box with one subject. `flush` is for tables, which bring their own margins.
export function Panel({ title, about, actions, flush, children }: { title?: ReactNode; about?: ReactNode; actions?: ReactNode; flush?: boolean; children: ReactNode }) {
    return (
        <section className={classes.panel}>
            {(title || actions) && (
                <header className={classes.head}>
                    <div>
                        {title && <h2>{title}</h2>}
                        {about && <div className="soft">{about}</div>}
                    </div>
                    {actions}
                </header>
            )}
            <div className={flush ? classes.flush : classes.body}>{children}</div>
        </section>
    );
}
