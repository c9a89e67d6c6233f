import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import classes from './Notice.module.css';
import type { Tone } from './State';

// What one should know before going on: how things are, and what to do. What is `urgent` is read out at once.
export function Notice({ tone = 'idle', title, urgent = false, children }: { tone?: Tone; title?: ReactNode; urgent?: boolean; children?: ReactNode }) {
    const Icon = tone === 'good' ? IconCircleCheck : tone === 'warn' || tone === 'bad' ? IconAlertTriangle : IconInfoCircle;
    return (
        <div className={`${classes.notice} ${tone === 'idle' ? '' : classes[tone]}`} role={urgent ? 'alert' : 'status'}>
            <Icon size={18} aria-hidden="true" />
            <div className={classes.said}>
                {title && <strong>{title}</strong>}
                {children}
            </div>
        </div>
    );
}

// A sentence of the API, which puts commands and names between backquotes.
export function Sentence({ children }: { children: string }) {
    return (
        <>
            {children.split('`').map((part, index) => (index % 2 ? <code className="mono" key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>))}
        </>
    );
}
