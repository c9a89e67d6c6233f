import { IconExternalLink, IconGitBranch, IconLock, IconPin, IconShieldLock, IconTrendingUp } from '@tabler/icons-react';
import { percent } from '@/parts/units';
import { When } from '@/parts/When';
import classes from './Projects.module.css';
import type { Site } from './sites';

// What cards and rows say of a project, piece by piece.

export const address = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/$/, '');

// Where visitors see it; only where there is something to see.
export function Address({ site }: { site: Site }) {
    if (!site.production) {
        return <span className={`${classes.small} clip`} style={{ display: 'block' }}>No deployment is live yet</span>;
    }
    return (
        <a href={site.url} target="_blank" rel="noreferrer" className={`${classes.small} ${classes.above} ${classes.line} clip`} style={{ gap: 4, minWidth: '1.5rem', textDecoration: 'none' }}>
            <span className="clip">{address(site.url)}</span>
            <IconExternalLink size={13} aria-label="opens in a new tab" />
        </a>
    );
}

// What went on last: of which commit, from which branch, when.
export function Last({ site }: { site: Site }) {
    const { latest, production } = site;
    if (!latest) {
        return <span className={classes.small}>Nothing was deployed yet</span>;
    }
    const commit = production && production.deployment === latest.deployment && production.commit ? production.commit.slice(0, 7) : '';
    return (
        <>
            <div className={`${classes.small} clip`} style={{ color: 'var(--mantine-color-text)' }}>
                {latest.message || 'Without a message'}
            </div>
            <div className={`${classes.small} ${classes.line}`} style={{ gap: 4 }}>
                <IconGitBranch size={13} />
                <span className="clip">{latest.branch || 'upload'}</span>
                {commit && <span className="mono clip" style={{ flexShrink: 20 }}>{commit}</span>}
                <span style={{ flex: 'none' }}>
                    <When at={latest.created_at} />
                </span>
            </div>
        </>
    );
}

// What is out of the ordinary, as a sign with its words.
export function Flags({ site }: { site: Site }) {
    const flags = [
        site.rollout && { icon: <IconTrendingUp size={14} />, word: percent(site.rollout.weight / 100), why: `A new version is shown to ${percent(site.rollout.weight / 100)} of the visitors` },
        site.locked && { icon: <IconLock size={14} />, word: 'locked', why: 'Locked: nothing goes live' },
        site.pinned && { icon: <IconPin size={14} />, word: 'pinned', why: 'Rolled back: pushes wait until it is unpinned' },
        site.protected && { icon: <IconShieldLock size={14} />, word: 'protected', why: 'Not everybody may see it' },
    ].filter(flag => flag !== null && flag !== false);
    return (
        <>
            {flags.map(flag => (
                <span key={flag.word} className={`${classes.small} ${classes.flag}`} title={flag.why}>
                    {flag.icon}
                    {flag.word}
                </span>
            ))}
        </>
    );
}
