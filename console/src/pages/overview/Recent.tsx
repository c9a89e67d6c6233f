import { IconGitBranch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import type { Deployment } from '../projects/sites';
import classes from './Overview.module.css';

// The last deployments of all projects of the team.
export function Recent({ deployments }: { deployments: Deployment[] }) {
    return (
        <ul className={classes.list}>
            {deployments.map(one => (
                <li key={one.id} className={classes.item}>
                    <div className={classes.text}>
                        <Link to={`/deployments/${one.id}`} className={`${classes.over} clip`} style={{ display: 'block' }}>
                            {one.message || 'Without a message'}
                        </Link>
                        <div className={classes.small}>
                            <span className="clip">{one.slug}</span>
                            <IconGitBranch size={12} aria-hidden="true" />
                            <span className="clip">{one.branch || 'upload'}</span>
                            <When at={one.created_at} />
                        </div>
                    </div>
                    {one.live ? <State of="live" tone="good" /> : <State of={one.state} tone={one.state === 'ready' ? 'idle' : undefined} />}
                </li>
            ))}
        </ul>
    );
}
