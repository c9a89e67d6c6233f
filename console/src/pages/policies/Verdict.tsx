import { IconCheck, IconX } from '@tabler/icons-react';
import type { Schema } from '@/api/query';
import classes from './Verdict.module.css';

// The way of a request through everything that was asked, to where it ended.
export function Verdict({ asked, said }: { asked: string; said: Schema<'SimulationView'> }) {
    return (
        <div className={classes.verdict}>
            <ol className={classes.path}>
                <li className={classes.start}>
                    <span className={classes.dot} />
                    <div>
                        <strong className="mono">{asked}</strong>
                    </div>
                </li>
                {said.why.map((step, number) => (
                    <li key={number} className={step.allowed ? classes.good : classes.bad}>
                        <span className={classes.dot}>{step.allowed ? <IconCheck size={13} stroke={3} aria-label="passes" role="img" /> : <IconX size={13} stroke={3} aria-label="ends here" role="img" />}</span>
                        <div>
                            <strong>{step.step}</strong>
                            <div className="soft">{step.detail}</div>
                        </div>
                    </li>
                ))}
            </ol>
            <div className={`${classes.end} ${said.allowed ? classes.yes : classes.no}`}>
                <strong>{said.allowed ? 'Allowed' : 'Refused'}</strong>
                {said.role && <span> as {said.role}</span>}
                {said.code && <code className="mono">{said.code}</code>}
                {said.hint && <div>{said.hint}</div>}
            </div>
        </div>
    );
}
