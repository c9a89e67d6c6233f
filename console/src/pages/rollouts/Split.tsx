import { Link } from '@tanstack/react-router';
import { share, type Rollout } from './figures';
import classes from './rollouts.module.css';

// Who sees what at this moment, as a bar.
export function Split({ of, small = false }: { of: Pick<Rollout, 'weight' | 'deployment' | 'base'>; small?: boolean }) {
    const rest = 100 - of.weight;
    return (
        <div>
            <div className={`${classes.split} ${small ? classes.small : ''}`} role="img" aria-label={`${share(of.weight)} of visitors see the new deployment, ${share(rest)} the one before`}>
                <div className={`${classes.part} ${classes.canary}`} style={{ width: `${of.weight}%` }}>
                    {of.weight >= 8 && share(of.weight)}
                </div>
                <div className={classes.part} style={{ width: `${rest}%` }}>
                    {rest >= 8 && share(rest)}
                </div>
            </div>
            {!small && (
                <div className={classes.legend}>
                    <span>
                        <span className={`${classes.dot} ${classes.dotNew}`} aria-hidden="true" />
                        <Link to="/deployments/$deployment" params={{ deployment: of.deployment }}>The new deployment</Link> {share(of.weight)}
                    </span>
                    <span>
                        <span className={classes.dot} aria-hidden="true" />
                        <Link to="/deployments/$deployment" params={{ deployment: of.base }}>What was live before</Link> {share(rest)}
                    </span>
                </div>
            )}
        </div>
    );
}
