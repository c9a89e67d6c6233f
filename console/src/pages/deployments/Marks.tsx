import { State } from '@/parts/State';
import type { Deployment } from './deeds';
import classes from './deployments.module.css';

// How a deployment is, as signs: its state, and whatever is out of the ordinary.
export function Marks({ of, live = true }: { of: Deployment; live?: boolean }) {
    return (
        <span className={classes.marks}>
            {of.removed_at ? <State of="removed" /> : <State of={of.state} />}
            {live && of.live && <State of="live" tone="good" />}
            {of.held && <State of={of.held.because} tone="warn" />}
            {of.trust === 'untrusted' && <State of="untrusted" tone="warn" />}
        </span>
    );
}
