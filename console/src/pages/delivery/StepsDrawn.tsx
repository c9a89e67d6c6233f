import { duration } from '@/parts/units';
import type { Step } from './delivery';
import classes from './delivery.module.css';

// The steps as bars: how many see the new version, and for how long it bakes.
export function StepsDrawn({ steps }: { steps: Step[] }) {
    return (
        <ol className={classes.steps} aria-label="Steps">
            {steps.map((step, index) => (
                <li key={index} className={classes.step}>
                    <span className={classes.bar} aria-hidden="true">
                        <span style={{ height: `${Math.max(Math.min(step.weight, 100), 1)}%` }} />
                    </span>
                    <strong className="numbers">{step.weight} %</strong>
                    <span className="soft">{step.seconds ? duration(step.seconds * 1000) : 'the end'}</span>
                </li>
            ))}
        </ol>
    );
}
