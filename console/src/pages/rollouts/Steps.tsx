import { useEffect, useState } from 'react';
import { duration } from '@/parts/units';
import { isOpen, left, share, type Details } from './figures';
import classes from './rollouts.module.css';

// The steps, as high as their shares; the present one says how long it still bakes.
export function Steps({ of }: { of: Details }) {
    const [now, setNow] = useState(Date.now);
    useEffect(() => {
        const ticking = setInterval(() => setNow(Date.now()), 1000);
        return () => clearInterval(ticking);
    }, []);
    const rest = left(of, now);
    const open = isOpen(of.state);
    return (
        <ol className={classes.steps} aria-label="Steps">
            {of.steps.map((step, index) => {
                const passed = of.state === 'completed' || index < of.step;
                const present = open && index === of.step;
                return (
                    <li key={index} className={`${classes.step} ${passed ? classes.passed : present ? classes.now : ''}`} aria-current={present ? 'step' : undefined}>
                        <div className={classes.column} aria-hidden="true">
                            <div className={classes.fill} style={{ height: `${Math.max(step.weight, 2)}%` }} />
                        </div>
                        <strong>{share(step.weight)}</strong>
                        <span className="soft numbers">
                            {present && rest !== null ? (rest > 0 ? `${duration(Math.ceil(rest / 1000) * 1000)} left` : 'has baked') : passed ? 'passed' : present && of.state === 'paused' ? 'paused' : step.seconds ? duration(step.seconds * 1000) : 'at once'}
                        </span>
                    </li>
                );
            })}
        </ol>
    );
}
