import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { State } from '@/parts/State';
import { duration } from '@/parts/units';
import type { Deployment } from '../projects/sites';
import classes from './Overview.module.css';

const STAGES = 6;

function useNow(): number {
    const [now, tick] = useState(Date.now);
    useEffect(() => {
        const ticking = setInterval(() => tick(Date.now()), 1000);
        return () => clearInterval(ticking);
    }, []);
    return now;
}

// What is being built and published this moment, and how far it is.
export function Moving({ deployments }: { deployments: Deployment[] }) {
    const now = useNow();
    if (deployments.length === 0) {
        return null;
    }
    return (
        <section className={classes.moving} aria-label="Moving now">
            <h2 role="status">{deployments.length === 1 ? '1 deployment on its way' : `${deployments.length} deployments on their way`}</h2>
            <ul className={classes.list}>
                {deployments.map(one => (
                    <li key={one.id} className={classes.item}>
                        <div className={classes.text}>
                            <Link to={`/deployments/${one.id}`} className={`${classes.over} clip`} style={{ display: 'block' }}>
                                {one.slug}
                                <span className="soft"> · {one.message || 'without a message'}</span>
                            </Link>
                            <div className={classes.small}>
                                <span className="clip">{one.branch || 'upload'}</span>
                                <span>{one.target}</span>
                                <span className="numbers">{duration(Math.max(0, now - new Date(one.created_at).getTime()))}</span>
                            </div>
                        </div>
                        <Track stages={one.stages} />
                        <State of={one.state} />
                    </li>
                ))}
            </ul>
        </section>
    );
}

function Track({ stages }: { stages: Deployment['stages'] }) {
    return (
        <div className={classes.track} aria-hidden="true">
            {Array.from({ length: Math.max(STAGES, stages.length) }, (_, at) => {
                const state = stages[at]?.state;
                return <i key={at} className={state === 'running' ? classes.now : state ? classes.over : undefined} />;
            })}
        </div>
    );
}
