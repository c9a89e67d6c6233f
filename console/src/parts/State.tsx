import classes from './State.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'live' | 'idle';

// The states of deployments, rollouts, domains and certificates, and how each feels. What moves breathes.
const TONES: Record<string, Tone> = {
    ready: 'good', active: 'good', completed: 'good', issued: 'good', ok: 'good', healthy: 'good', live: 'good', approved: 'good', open: 'good',
    failed: 'bad', aborted: 'bad', broken: 'bad', refused: 'bad', suspended: 'bad', error: 'bad', unhealthy: 'bad', rejected: 'bad',
    queued: 'live', preparing: 'live', building: 'live', packaging: 'live', publishing: 'live', verifying: 'live', promoting: 'live', running: 'live', starting: 'live',
    waiting: 'warn', paused: 'warn', pending: 'warn', held: 'warn', expired: 'warn', failing: 'warn',
};

// A word with its colour; `tone` says what it is where the word alone does not.
export function State({ of, tone }: { of: string; tone?: Tone }) {
    const feels = tone ?? TONES[of] ?? 'idle';
    return (
        <span className={`${classes.state} ${feels === 'idle' ? '' : classes[feels]}`}>
            <span className={classes.word}>{of.replaceAll('_', ' ')}</span>
        </span>
    );
}
