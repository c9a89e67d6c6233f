import { IconKey, IconSettingsAutomation } from '@tabler/icons-react';
import classes from './Face.module.css';
import type { Someone } from './Who';

const MOST = 2;

export const initials = (name: string): string =>
    name
        .split(/\s+/)
        .flatMap(word => [...word].slice(0, 1))
        .slice(0, MOST)
        .join('')
        .toLocaleUpperCase();

// Somebody as a sign beside what they did. The name stands near it, so it is for eyes alone.
export function Face({ of }: { of: Someone }) {
    const Sign = of.kind === 'machine' ? IconKey : IconSettingsAutomation;
    return (
        <span className={`${classes.face} ${of.kind === 'person' ? '' : classes.machine}`} aria-hidden="true" title={of.name}>
            {of.kind === 'person' ? initials(of.name) : <Sign size={13} />}
        </span>
    );
}
