import { Button, Center, Table } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import { Empty } from '@/parts/Empty';
import { Panel } from '@/parts/Panel';
import { count, duration, percent } from '@/parts/units';
import { Wide } from '@/parts/Wide';
import { clock, strongest, type Look } from './curves';
import { share, TESTS } from './figures';
import { Outcome } from './Verdict';

type Figures = NonNullable<Look['numbers']>['live'];

const FIRST = 20;

// Every look of the judge, newest first: what came since the one before, and what was made of it.
export function Looks({ of, open }: { of: Look[]; open: boolean }) {
    const [shown, setShown] = useState(FIRST);
    return (
        <Panel title="Looks of the judge" about={of.length > 0 && 'Numbers are of the answers since the look before: the new version, then the live one.'} flush>
            {of.length === 0 ? (
                <Empty icon={<IconEye />} title={open ? 'Not looked at yet' : 'The judge never looked'}>
                    {open ? 'The first look comes within half a minute of the first step.' : 'It ended before the first look, or so long ago that its looks are not kept any more.'}
                </Empty>
            ) : (
                <>
                    <Wide name="Looks of the judge">
                        <Table verticalSpacing="xs">
                            <Table.Thead>
                                <Table.Tr>
                                    <Table.Th>Look</Table.Th>
                                    <Table.Th>At</Table.Th>
                                    <Table.Th ta="right">Share</Table.Th>
                                    <Table.Th>Outcome</Table.Th>
                                    <Table.Th ta="right">Requests</Table.Th>
                                    <Table.Th ta="right">Errors</Table.Th>
                                    <Table.Th ta="right">p95</Table.Th>
                                    <Table.Th ta="right">Health</Table.Th>
                                    <Table.Th>Most evidence</Table.Th>
                                    <Table.Th>Why</Table.Th>
                                </Table.Tr>
                            </Table.Thead>
                            <Table.Tbody>{of.slice(0, shown).map(one => <Row key={one.number} of={one} />)}</Table.Tbody>
                        </Table>
                    </Wide>
                    {of.length > shown && (
                        <Center p="sm">
                            <Button variant="default" onClick={() => setShown(shown + 100)}>More</Button>
                        </Center>
                    )}
                </>
            )}
        </Panel>
    );
}

function Row({ of }: { of: Look }) {
    const { numbers } = of;
    const recent = numbers?.recent;
    const both = (shown: (one: Figures) => string | null) => recent && <Both canary={shown(recent.canary)} live={shown(recent.live)} />;
    const most = numbers && strongest(numbers.evidence);
    return (
        <Table.Tr>
            <Table.Td className="numbers">{of.number}</Table.Td>
            <Table.Td className="numbers"><time dateTime={of.at} title={new Date(of.at).toLocaleString()}>{clock(Date.parse(of.at))}</time></Table.Td>
            <Table.Td ta="right" className="numbers">{of.weight !== null && share(of.weight)}</Table.Td>
            <Table.Td><Outcome of={of.outcome} /></Table.Td>
            <Table.Td ta="right">{both(one => count(one.requests))}</Table.Td>
            <Table.Td ta="right">{both(one => (one.requests ? percent(one.error_rate) : null))}</Table.Td>
            <Table.Td ta="right">{both(one => (one.p95_ms === null ? null : duration(one.p95_ms)))}</Table.Td>
            <Table.Td ta="right">{both(one => one.health?.toFixed(0) ?? null)}</Table.Td>
            <Table.Td miw={170}>
                {most && (most[1] > 1 ? <>{TESTS[most[0]] ?? most[0]}: <span className="numbers">{most[1] < 100 ? most[1].toFixed(1) : count(Math.round(most[1]))} of {count(numbers.needed)}</span></> : <span className="soft">none</span>)}
            </Table.Td>
            <Table.Td miw={220}>{of.why.join(' ')}</Table.Td>
        </Table.Tr>
    );
}

function Both({ canary, live }: { canary: string | null; live: string | null }) {
    return (
        <div className="numbers" style={{ whiteSpace: 'nowrap' }}>
            <div>{canary ?? '-'}</div>
            <div className="soft">{live ?? '-'}</div>
        </div>
    );
}
