import { IconAlertTriangle, IconArrowBackUp, IconBox, IconBraces, IconCheck, IconGavel, IconGitBranch, IconKey, IconLock, IconRocket, IconTrendingUp, IconUser, IconUsers, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { Schema } from '@/api/query';
import { When } from '@/parts/When';
import classes from './Happened.module.css';
import { brief, leadsTo, pieces } from './sentence';

export type Event = Schema<'ActivityItem'>;

const SIGNS: [RegExp, ComponentType<{ size?: number; stroke?: number }>][] = [
    [/failed|aborted/, IconAlertTriangle], [/rollback/, IconArrowBackUp], [/go_live|promote/, IconRocket], [/ready|completed/, IconCheck], [/rollout/, IconTrendingUp],
    [/^deployments|push|^git/, IconGitBranch], [/^domains/, IconWorld], [/variable|env/, IconBraces], [/key|token/, IconKey], [/polic/, IconGavel],
    [/lock|protect|guard|share/, IconLock], [/^projects/, IconBox], [/^teams|member|invit/, IconUsers],
];

const signOf = (action: string) => SIGNS.find(([pattern]) => pattern.test(action))?.[1] ?? IconUser;

const feels = (event: Event): string | undefined => {
    if (event.outcome !== 'ok' || /failed|aborted/.test(event.action)) {
        return classes.bad;
    }
    return /ready|go_live|promote|completed/.test(event.action) ? classes.good : undefined;
};

// What happened, one sentence each, newest first.
export function Happened({ events }: { events: Event[] }) {
    return (
        <ol className={classes.list}>
            {events.map(event => {
                const Sign = signOf(event.action);
                return (
                    <li key={event.sequence} className={classes.event}>
                        <span className={`${classes.sign} ${feels(event) ?? ''}`}>
                            <Sign size={14} stroke={1.9} />
                        </span>
                        <div className={classes.said}>
                            <Sentence of={event} />
                            {event.outcome !== 'ok' && <span className={classes.refused}>{event.outcome}</span>}
                        </div>
                        <span className={classes.when}>
                            <When at={event.at} />
                        </span>
                    </li>
                );
            })}
        </ol>
    );
}

function Sentence({ of }: { of: Event }) {
    const parts = pieces(of.sentence);
    const to = leadsTo(of.resource);
    if (to && !parts.some(part => 'deployment' in part)) {
        return (
            <Link to={to} className={classes.link}>
                {of.sentence}
            </Link>
        );
    }
    return parts.map((part, at) =>
        'text' in part ? (
            part.text
        ) : (
            <Link key={at} to={`/deployments/${part.deployment}`} title={part.deployment}>
                deployment <span className="mono">{brief(part.deployment)}</span>
            </Link>
        ),
    );
}
