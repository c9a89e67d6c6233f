import { Progress, Table, Text } from '@mantine/core';
import { Fragment } from 'react';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import { Wide } from '@/parts/Wide';
import { count, duration, percent } from '@/parts/units';
import { When } from '@/parts/When';
import { nearness, TESTS, type Verdict as Said } from './figures';
import classes from './rollouts.module.css';

type Figures = NonNullable<Said['numbers']>['live'];

const OUTCOMES: Record<Said['outcome'], { word: string; tone: Tone }> = {
    shift: { word: 'step begins', tone: 'idle' },
    wait: { word: 'waits', tone: 'live' },
    pass: { word: 'passes', tone: 'good' },
    hold: { word: 'holds', tone: 'warn' },
    abort: { word: 'takes it back', tone: 'bad' },
    pause: { word: 'paused', tone: 'warn' },
    resume: { word: 'resumed', tone: 'live' },
};

export const Outcome = ({ of }: { of: Said['outcome'] }) => <State of={OUTCOMES[of].word} tone={OUTCOMES[of].tone} />;

export const ms = (of: number | null): string => (of === null ? '-' : duration(of));
const score = (of: number | null): string => (of === null ? '-' : of.toFixed(0));

// What the judge said last, and the numbers that it stands on.
export function Verdict({ of, limits }: { of: Said; limits: Record<string, unknown> }) {
    const { numbers } = of;
    return (
        <Panel title="The judge" about={<>Looked <When at={of.at} />{numbers && `; look ${numbers.looks}, over ${duration(numbers.seconds * 1000)} of this step`}</>} actions={<Outcome of={of.outcome} />}>
            {of.why.length > 0 && (
                <ul className={classes.why}>
                    {of.why.map(why => (
                        <li key={why}>{why}</li>
                    ))}
                </ul>
            )}
            {of.checks.length > 0 && (
                <ul className={classes.checks} aria-label="Pages that were checked">
                    {of.checks.map(({ path, status, answered }) => (
                        <li key={path}>
                            <State of={answered === null ? 'unknown' : String(answered)} tone={answered === null ? 'idle' : answered === status ? 'good' : 'bad'} />
                            <span className="mono">{path}</span>
                            {answered !== null && answered !== status && <span className="soft">wants {status}</span>}
                        </li>
                    ))}
                </ul>
            )}
            {numbers && (
                <div style={{ marginTop: '1rem' }}>
                    <Wide name="What was measured">
                        <Table verticalSpacing="xs" className="numbers">
                            <Table.Thead>
                                <Table.Tr>
                                    <Table.Th>Seen</Table.Th>
                                    <Table.Th ta="right">New, this step</Table.Th>
                                    <Table.Th ta="right">New, in all</Table.Th>
                                    <Table.Th ta="right">Live version</Table.Th>
                                    <Table.Th ta="right">Limit</Table.Th>
                                </Table.Tr>
                            </Table.Thead>
                            <Table.Tbody>
                                {(
                                    [
                                        ['Requests', one => count(one.requests), `at least ${count(Number(limits['min_requests']))}`],
                                        ['Error rate', one => percent(one.error_rate), `at most ${percent(Number(limits['error_rate']))}`],
                                        ['p95', one => ms(one.p95_ms), `at most ${ms(Number(limits['p95_ms']))}`],
                                        ['Health', one => score(one.health), `at least ${String(limits['health'])}`],
                                        ['Refused (4xx)', one => count(one.refused), ''],
                                    ] as [string, (one: Figures) => string, string][]
                                ).map(([name, shown, limit]) => (
                                    <Table.Tr key={name}>
                                        <Table.Th>{name}</Table.Th>
                                        <Table.Td ta="right">{shown(numbers.step)}</Table.Td>
                                        <Table.Td ta="right">{shown(numbers.canary)}</Table.Td>
                                        <Table.Td ta="right">{shown(numbers.live)}</Table.Td>
                                        <Table.Td ta="right" className="soft" style={{ whiteSpace: 'nowrap' }}>{limit}</Table.Td>
                                    </Table.Tr>
                                ))}
                            </Table.Tbody>
                        </Table>
                    </Wide>
                </div>
            )}
        </Panel>
    );
}

// How much speaks against the deployment; a test that reaches the end takes it back at once.
export function Evidence({ of }: { of: NonNullable<Said['numbers']> }) {
    return (
        <Panel title="Evidence against it" about={`A test speaks at ${count(of.needed)}. While the deployment is harmless, that hardly ever happens, however often one looks.`}>
            <div className={classes.tests}>
                {Object.entries(of.evidence).map(([test, wealth]) => {
                    const near = nearness(wealth, of.needed);
                    return (
                        <Fragment key={test}>
                            <span>{TESTS[test] ?? test}</span>
                            <Progress value={near * 100} color={near >= 1 ? 'red' : near > 0.5 ? 'yellow' : 'blue'} aria-label={TESTS[test] ?? test} />
                            <Text size="sm" className="numbers soft" ta="right">{wealth < 100 ? wealth.toFixed(2) : count(Math.round(wealth))} of {count(of.needed)}</Text>
                        </Fragment>
                    );
                })}
            </div>
        </Panel>
    );
}
