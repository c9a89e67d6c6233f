import { Button, Group, Loader, Progress } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled } from '@tabler/icons-react';
import { Fault } from '@/parts/Fault';
import { bytes, count } from '@/parts/units';
import type { Launch, Step } from './launch';
import classes from './New.module.css';
import type { Plan } from './plan';

const WORDS: Record<Step, string> = {
    project: 'Make the project',
    variables: 'Set its variables',
    repository: 'Connect the repository',
    upload: 'Send the files',
    deployment: 'Begin the first deployment',
};

function steps(plan: Plan): Step[] {
    const variables: Step[] = plan.variables.some(one => one.name !== '') ? ['variables'] : [];
    const rest: Record<string, Step[]> = { repository: ['repository'], folder: ['upload', 'deployment'] };
    return ['project', ...variables, ...(rest[plan.source?.kind ?? ''] ?? [])];
}

// What is done on the way to the first deployment, and how far it is.
export function Deeds({ plan, launch, change }: { plan: Plan; launch: Launch; change: () => void }) {
    const { made, step, progress, fault } = launch;
    const all = steps(plan);
    const first = all.find(one => !made[one]);
    const now = fault ? first : step;
    return (
        <>
            <ol className={classes.deeds}>
                {all.map(one => {
                    const done = Boolean(made[one]);
                    const failed = fault !== undefined && one === now;
                    return (
                        <li key={one} className={done ? classes.finished : undefined} aria-current={one === now ? 'step' : undefined}>
                            {done ? (
                                <IconCircleCheckFilled size={20} aria-label="done" />
                            ) : failed ? (
                                <IconCircleXFilled size={20} color="var(--deck-bad)" aria-label="failed" />
                            ) : one === now ? (
                                <Loader size={18} aria-label="running" />
                            ) : (
                                <IconCircleDashed size={20} color="var(--deck-soft)" aria-label="not yet" />
                            )}
                            <div>
                                <span className={!done && one !== now ? classes.later : undefined}>{WORDS[one]}</span>
                                {one === 'upload' && now === 'upload' && !failed && progress && <Sending of={progress} />}
                            </div>
                        </li>
                    );
                })}
            </ol>
            {fault && (
                <>
                    <Fault of={fault} />
                    <Group>
                        <Button onClick={() => void launch.run(plan)} loading={step !== undefined}>
                            Try again
                        </Button>
                        <Button variant="default" onClick={change}>
                            Change what was given
                        </Button>
                    </Group>
                </>
            )}
        </>
    );
}

function Sending({ of: { phase, done, total } }: { of: NonNullable<Launch['progress']> }) {
    const share = total === 0 ? 100 : (done / total) * 100;
    const words = phase === 'hashing' ? `Reading ${count(done)} of ${count(total)} files` : total === 0 ? 'The store has all of it already' : `${bytes(done)} of ${bytes(total)}`;
    return (
        <>
            <Progress value={share} size="sm" mt={4} aria-label={words} />
            <span className="soft numbers">{words}</span>
        </>
    );
}
