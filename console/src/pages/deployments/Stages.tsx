import { IconCircleCheck, IconCircleDashed, IconCircleMinus, IconCircleX, IconLoader } from '@tabler/icons-react';
import { duration } from '@/parts/units';
import type { Deployment } from './deeds';
import { Lasts } from './Lasts';
import classes from './Stages.module.css';
import { isOver } from './states';

const NAMES = { prepare: 'Prepare', build: 'Build', package: 'Package', publish: 'Publish', verify: 'Verify', promote: 'Go live' };

const SIGNS = { done: IconCircleCheck, failed: IconCircleX, running: IconLoader, skipped: IconCircleMinus, waiting: IconCircleDashed };
const WORDS = { done: 'done', failed: 'failed', running: 'running', skipped: 'skipped', waiting: 'not yet' };

type How = keyof typeof SIGNS;

// The stages of a deployment in a row, each with how long it took.
export function Stages({ of }: { of: Deployment }) {
    const over = isOver(of.state);
    return (
        <ol className={classes.stages} aria-label="Stages">
            {Object.entries(NAMES).map(([name, label]) => {
                const stage = of.stages.find(one => one.name === name);
                const how: How = stage?.state ?? (over ? 'skipped' : 'waiting');
                const Sign = SIGNS[how];
                const word = how === 'skipped' && of.state !== 'ready' ? 'not reached' : WORDS[how];
                const took = stage?.started_at && stage.ended_at ? Date.parse(stage.ended_at) - Date.parse(stage.started_at) : null;
                return (
                    <li key={name} className={`${classes.stage} ${classes[how]}`}>
                        <div className={classes.bar} aria-hidden="true" />
                        <div className={classes.name}>
                            <Sign size={15} aria-label={word} role="img" />
                            {name === 'promote' && of.target === 'preview' ? 'Address' : label}
                        </div>
                        <div className={classes.time}>
                            {took !== null ? duration(took) : how === 'running' && stage?.started_at ? <Lasts of={{ ...of, created_at: stage.started_at, finished_at: null }} /> : word}
                        </div>
                    </li>
                );
            })}
        </ol>
    );
}
