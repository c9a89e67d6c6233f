import { ActionIcon, Tooltip } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { State } from '@/parts/State';
import { duration } from '@/parts/units';
import { By } from './By';
import { DeedMenu } from './DeedMenu';
import { lasted, titleOf, type Deployment } from './deeds';
import classes from './deployments.module.css';
import { Lasts } from './Lasts';
import { Marks } from './Marks';
import { Origin } from './Origin';
import { isOver } from './states';

interface Place {
    index: number;
    top: number;
    measure: (row: HTMLElement | null) => void;
}

// One deployment in a list; in a virtual one it has a place.
export function DeploymentRow({ of, place }: { of: Deployment; place?: Place }) {
    const there = of.state === 'ready' && !of.removed_at;
    return (
        <li
            className={classes.row}
            ref={place?.measure}
            data-index={place?.index}
            style={place && { position: 'absolute', left: 0, right: 0, top: 0, transform: `translateY(${place.top}px)` }}
        >
            <div className={classes.what}>
                <Link to="/deployments/$deployment" params={{ deployment: of.id }} className={`${classes.name} clip`} title={of.message || undefined}>
                    <bdi>{titleOf(of)}</bdi>
                </Link>
                <Origin of={of} />
            </div>
            <div className={classes.how}>
                <Marks of={of} live={false} />
                <span className={`soft numbers ${classes.small}`}>{isOver(of.state) ? duration(lasted(of)) : <Lasts of={of} />}</span>
            </div>
            <div className={classes.where}>
                <span className={`clip ${classes.environment}`} title={of.environment}>
                    {of.environment}
                </span>
                {of.live && <State of="live" tone="good" />}
            </div>
            <By of={of} />
            <div className={classes.deeds}>
                {there && (
                    <Tooltip label="Open this version">
                        <ActionIcon component="a" href={of.url} target="_blank" rel="noreferrer" variant="subtle" color="gray" aria-label={`Open ${titleOf(of)}`}>
                            <IconExternalLink size={17} />
                        </ActionIcon>
                    </Tooltip>
                )}
                <DeedMenu deployment={of} />
            </div>
        </li>
    );
}
