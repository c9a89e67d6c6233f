import { Group } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import classes from './Page.module.css';

// A page: its name (also the window's), what it is a part of, a sentence about it, what can be done, and what it shows.
export function Page({ title, name, above, about, actions, children }: { title: string; name?: ReactNode; above?: ReactNode; about?: ReactNode; actions?: ReactNode; children: ReactNode }) {
    useEffect(() => {
        document.title = `${title} - CloudDeck`;
    }, [title]);
    return (
        <div className={classes.page}>
            <div className={classes.head}>
                <div className={classes.named}>
                    {above && <div className={classes.above}>{above}</div>}
                    <h1>{name ?? title}</h1>
                    {about && <div className="soft">{about}</div>}
                </div>
                {actions && <Group gap="sm">{actions}</Group>}
            </div>
            {children}
        </div>
    );
}
