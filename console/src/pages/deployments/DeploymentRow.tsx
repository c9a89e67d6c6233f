import { Link } from '@tanstack/react-router';
import { State } from '@/parts/State';
import { duration } from '@/parts/units';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { DeedMenu } from './DeedMenu';
import { lasted, titleOf, type Deployment } from './deeds';
import classes from './deployments.module.css';
import { Lasts } from './Lasts';
import { Origin } from './Origin';
import { isOver } from './states';

interface Place {
    index: number;
    top: number;
    measure: (row: HTMLElement | null) => void;
}

// One deployment in a list; in a virtual one it has a place.
export function DeploymentRow({ of, place }: { of: Deployment; place?: Place }) {
    return (
        <li
            className={classes.row}
            ref={place?.measure}
            data-index={place?.index}
            style={place && { position: 'absolute', left: 0, right: 0, top: 0, transform: `translateY(${place.top}px)` }}
        >
            <div style={{ minWidth: 0 }}>
                <Link to="/deployments/$deployment" params={{ deployment: of.id }} className={`${classes.name} clip`}>
                    {titleOf(of)}
                </Link>
                <div className={`soft clip ${classes.small}`}>
                    {of.environment}, {of.trigger.replaceAll('_', ' ')} by <Who id={of.created_by} />
                </div>
            </div>
            <div className={classes.marks}>
                {of.removed_at ? <State of="removed" /> : <State of={of.state} />}
                {of.live && <State of="live" tone="good" />}
                {of.held && <State of={of.held.because} tone="warn" />}
                {of.trust === 'untrusted' && <State of="untrusted" tone="warn" />}
            </div>
            <Origin of={of} />
            <div className={`soft numbers ${classes.small}`}>
                <div>{isOver(of.state) ? duration(lasted(of)) : <Lasts of={of} />}</div>
                <div>
                    <When at={of.created_at} />
                </div>
            </div>
            <DeedMenu deployment={of} />
        </li>
    );
}
