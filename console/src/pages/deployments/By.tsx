import { Face } from '@/parts/Face';
import { When } from '@/parts/When';
import { useSomeone, Who } from '@/parts/Who';
import type { Deployment } from './deeds';
import classes from './deployments.module.css';

// When a deployment began, and by whose doing.
export function By({ of }: { of: Pick<Deployment, 'created_at' | 'created_by' | 'trigger'> }) {
    return (
        <span className={classes.by}>
            <Face of={useSomeone(of.created_by)} />
            <span className={classes.said}>
                <When at={of.created_at} />
                <span className={`soft clip ${classes.small}`}>
                    {of.trigger.replaceAll('_', ' ')} by <Who id={of.created_by} />
                </span>
            </span>
        </span>
    );
}
