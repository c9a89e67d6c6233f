import { Code, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { $api, type Schema } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { Wide } from '@/parts/Wide';
import { bytes, duration, percent } from '@/parts/units';
import { Facts } from '../Facts';

type Report = Schema<'BuildView'>;

// How a deployment was built: what was decided and why, the steps with their times, tests, caches and the machine.
export function Build({ deployment }: { deployment: string }) {
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/build', { params: { path: { deployment } } });
    return (
        <Loaded query={query}>
            {build =>
                build.state === 'none' ? (
                    <Panel>
                        <Text className="soft">Nothing was built: the files came finished, or the build has not begun.</Text>
                    </Panel>
                ) : (
                    <Stack>
                        {build.state === 'restored' && <Notice tone="live" title="Taken from an equal build">The same source, settings and variables were built before, so its files were taken. That saved {duration(build.saved_ms)}.</Notice>}
                        <Overview of={build} />
                        {build.steps.length > 0 && <Steps of={build} />}
                        {build.tests.length > 0 && <Tests of={build} />}
                        {build.caches.length > 0 && <Caches of={build} />}
                        {build.findings.length > 0 && <Findings of={build} />}
                    </Stack>
                )
            }
        </Loaded>
    );
}

function Overview({ of }: { of: Report }) {
    const { plan, versions } = of;
    return (
        <Panel title="Plan" about={plan?.why.join('; ')}>
            <Facts
                of={[
                    plan && ['Framework', plan.name],
                    plan?.install && ['Install', <Code key="i">{plan.install}</Code>],
                    plan?.build && ['Build', <Code key="b">{plan.build}</Code>],
                    plan && ['Files are in', <Code key="o">{plan.output || '.'}</Code>],
                    plan && plan.root !== '' && plan.root !== '.' && ['Root', <Code key="r">{plan.root}</Code>],
                    versions?.node && ['Node.js', versions.node],
                    versions?.python && ['Python', versions.python],
                    of.size && ['Machine', of.size],
                    of.machine && ['Sandbox', of.machine.sandbox.join(', ') || 'none'],
                    of.queued_ms !== null && ['Waited', duration(of.queued_ms)],
                    of.ms !== null && ['Built for', duration(of.ms)],
                    of.attempt > 1 && ['Attempt', String(of.attempt)],
                    of.scope && ['Depends on', of.scope.why],
                ]}
            />
        </Panel>
    );
}

function Steps({ of }: { of: Report }) {
    const longest = Math.max(...of.steps.map(step => step.ms), 1);
    return (
        <Panel title="Steps" flush>
            <Wide name="Steps">
                <Table verticalSpacing="xs">
                    <Table.Thead>
                        <Table.Tr>
                            <Table.Th>Step</Table.Th>
                            <Table.Th>Stage</Table.Th>
                            <Table.Th>Outcome</Table.Th>
                            <Table.Th w="40%">Time</Table.Th>
                        </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                        {of.steps.map(step => (
                            <Table.Tr key={`${step.stage}/${step.name}`}>
                                <Table.Td>{step.name}</Table.Td>
                                <Table.Td>{step.stage}</Table.Td>
                                <Table.Td>
                                    <State of={step.outcome === 'allowed' ? 'failed, allowed' : step.outcome} tone={step.outcome === 'allowed' ? 'warn' : undefined} />
                                </Table.Td>
                                <Table.Td>
                                    <Group gap="sm" wrap="nowrap">
                                        <Progress value={(100 * step.ms) / longest} color={step.outcome === 'failed' ? 'red' : 'blue'} style={{ flex: 1, minWidth: 60 }} aria-hidden="true" />
                                        <span className="numbers" style={{ width: '5rem', textAlign: 'right' }}>{duration(step.ms)}</span>
                                    </Group>
                                </Table.Td>
                            </Table.Tr>
                        ))}
                    </Table.Tbody>
                </Table>
            </Wide>
        </Panel>
    );
}

function Tests({ of }: { of: Report }) {
    return (
        <Panel title="Tests">
            <Stack>
                {of.tests.map(ran => (
                    <div key={ran.step}>
                        <Group gap="sm">
                            <Text fw={600}>{ran.step}</Text>
                            <State of={ran.failures + ran.errors ? 'failed' : 'ok'} />
                            <span className="soft numbers">
                                {ran.tests} tests, {ran.failures + ran.errors} failed, {ran.skipped} skipped, {duration(ran.ms)}
                            </span>
                        </Group>
                        {ran.failed.map(test => (
                            <div key={test.name}>
                                <Text size="sm" mt="xs">{test.name}</Text>
                                <Code block tabIndex={0} role="region" aria-label="What the test said">{test.message}</Code>
                            </div>
                        ))}
                    </div>
                ))}
            </Stack>
        </Panel>
    );
}

const CACHES = { exact: 'fits exactly', hit: 'fits partly', miss: 'not there yet', rejected: 'not to be trusted', off: 'off' };

function Caches({ of }: { of: Report }) {
    return (
        <Panel title="Caches" about={of.hit_rate === null ? undefined : `${percent(of.hit_rate)} of the last builds found one; this one saved ${duration(of.saved_ms)}.`} flush>
            <Wide name="Caches">
                <Table verticalSpacing="xs">
                    <Table.Tbody>
                        {of.caches.map(cache => (
                            <Table.Tr key={cache.kind}>
                                <Table.Td>{cache.kind}</Table.Td>
                                <Table.Td>
                                    <State of={CACHES[cache.state]} tone={cache.state === 'exact' || cache.state === 'hit' ? 'good' : cache.state === 'rejected' ? 'warn' : 'idle'} />
                                </Table.Td>
                                <Table.Td className="numbers">{bytes(cache.bytes)}</Table.Td>
                                <Table.Td className="numbers">{duration(cache.ms)}</Table.Td>
                            </Table.Tr>
                        ))}
                    </Table.Tbody>
                </Table>
            </Wide>
        </Panel>
    );
}

function Findings({ of }: { of: Report }) {
    return (
        <Panel title="Secrets in the output" about="Places where a value or token of yours would be public. The values themselves are shown nowhere.">
            <Stack gap="xs">
                {of.findings.map(found => (
                    <div key={`${found.path}:${found.line}:${found.kind}`}>
                        <span className="mono">{found.path}:{found.line}</span> {found.kind}
                        {found.value_of && <> (the value of <span className="mono">{found.value_of}</span>)</>}
                    </div>
                ))}
            </Stack>
        </Panel>
    );
}
