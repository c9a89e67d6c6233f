import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Spark } from '@/parts/Spark';
import { count, duration, percent } from '@/parts/units';
import type { TeamOverview } from '../projects/sites';
import classes from './Overview.module.css';
import { Week } from './Week';

function Figure({ name, value, about, children }: { name: string; value: string; about: ReactNode; children?: ReactNode }) {
    return (
        <section className={classes.figure} aria-label={name}>
            <h2>{name}</h2>
            <div className={`${classes.value} numbers`}>{value}</div>
            <div className={classes.about}>{about}</div>
            {children && <div className={classes.chart}>{children}</div>}
        </section>
    );
}

// A team in four numbers: do deployments succeed, how long do builds take, who comes, and what is not answered.
export function Numbers({ of }: { of: TeamOverview | undefined }) {
    if (!of) {
        return (
            <div className={classes.figures} role="status" aria-busy="true" aria-label="Loading the numbers">
                {[1, 2, 3, 4].map(one => (
                    <Skeleton key={one} height={152} radius="md" />
                ))}
            </div>
        );
    }
    const { week, builds, traffic } = of;
    const requests = traffic.series.map(one => one.requests);
    const errors = traffic.series.map(one => one.errors);
    return (
        <div className={classes.figures}>
            <Figure
                name="Success, 7 days"
                value={week.success_rate === null ? '–' : percent(week.success_rate)}
                about={week.finished === 0 ? 'No deployment has ended yet' : `${count(week.ready)} ready, ${count(week.failed)} failed`}
            >
                <Week days={week.days} />
            </Figure>
            <Figure name="Build time, 7 days" value={builds.p50_ms === null ? '–' : duration(builds.p50_ms)} about={builds.count === 0 ? 'Nothing was built yet' : `median of ${count(builds.count)} builds`}>
                <Pace p50={builds.p50_ms} p95={builds.p95_ms} />
            </Figure>
            <Figure name="Requests, 24 hours" value={count(traffic.requests)} about="by visitors of all live sites">
                <Spark values={requests} label={`Requests an hour, of ${requests.length} hours; at most ${count(Math.max(0, ...requests))}`} />
            </Figure>
            <Figure
                name="Errors, 24 hours"
                value={count(traffic.errors)}
                about={traffic.requests === 0 ? 'No requests, no errors' : `${percent(traffic.errors / traffic.requests)} of requests, with 5xx`}
            >
                <Spark values={errors} tone={traffic.errors ? 'var(--deck-bad)' : 'var(--deck-good)'} label={`Errors an hour; at most ${count(Math.max(0, ...errors))}`} />
            </Figure>
        </div>
    );
}

// How long half of the builds take, and nearly all of them, as two lengths.
function Pace({ p50, p95 }: { p50: number | null; p95: number | null }) {
    if (p50 === null || p95 === null) {
        return null;
    }
    return (
        <div className={classes.pace}>
            {[{ name: 'p50', ms: p50 }, { name: 'p95', ms: p95 }].map(({ name, ms }) => (
                <div key={name}>
                    <span>{name}</span>
                    <i style={{ width: `${Math.max((ms / Math.max(p95, 1)) * 100, 2)}%` }} className={classes[name]} />
                    <span className="numbers">{duration(ms)}</span>
                </div>
            ))}
        </div>
    );
}
