import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import classes from './domains.module.css';
import { reached, STAGES, type Domain } from './names';

// The way of a domain, and how far it has come.
export function Stages({ domain }: { domain: Domain }) {
    const { behind, stuck } = reached(domain);
    return (
        <ol className={classes.stages} aria-label="The way of this domain">
            {STAGES.map((stage, index) => {
                const at = index < behind ? 'done' : index > behind ? 'ahead' : stuck ? 'stuck' : 'here';
                return (
                    <li key={stage} className={classes.stage} data-at={at} aria-current={index === behind ? 'step' : undefined}>
                        <span className={classes.dot} aria-label={at === 'done' ? 'done' : at === 'stuck' ? 'in trouble' : at === 'here' ? 'now' : 'to come'} role="img">
                            {at === 'done' ? <IconCheck size={15} /> : at === 'stuck' ? <IconAlertTriangle size={15} /> : index + 1}
                        </span>
                        {stage}
                    </li>
                );
            })}
        </ol>
    );
}
