import { useEffect, useRef, type ReactNode } from 'react';
import { useSteadyFocus } from '@/parts/steady';
import classes from './Door.module.css';
import { Scheme } from './Scheme';

// One sheet often follows another at the same address: its name is said then, where the sheet before took the keyboard away.
let before = '';

// A page for somebody who is not signed in, or has one thing to decide: one sheet with one subject.
export function Door({ title, about, mark, tone, more, children }: {
    title: string;
    about?: ReactNode;
    mark?: ReactNode;
    tone?: 'good' | 'warn';
    more?: ReactNode;
    children?: ReactNode;
}) {
    useSteadyFocus();
    const name = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        document.title = `${title} - CloudDeck`;
        if (before && before !== title && (document.activeElement ?? document.body) === document.body) {
            name.current?.focus();
        }
        before = title;
    }, [title]);
    return (
        <div className={classes.door}>
            <header className={classes.top}>
                <a href="/" className={classes.brand}>
                    <img src="/icon.svg" alt="" width={28} height={28} />
                    CloudDeck
                </a>
                <Scheme />
            </header>
            <main className={classes.main}>
                <div className={classes.sheet}>
                    {mark && (
                        <span className={`${classes.mark} ${tone ? classes[tone] : ''}`} aria-hidden="true">
                            {mark}
                        </span>
                    )}
                    <h1 ref={name} tabIndex={-1}>{title}</h1>
                    {about && <div className={classes.about}>{about}</div>}
                    {children && <div className={classes.body}>{children}</div>}
                </div>
                {more && <div className={classes.more}>{more}</div>}
            </main>
            <footer className={classes.foot}>
                <a href="/docs/">Documentation</a>
                <a href="/">This installation</a>
            </footer>
        </div>
    );
}
