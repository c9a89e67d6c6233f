import { Table } from '@mantine/core';
import { Panel } from '@/parts/Panel';
import { count, percent } from '@/parts/units';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { Wide } from '@/parts/Wide';
import { share, type Verdict as Said } from './figures';
import { ms, Outcome } from './Verdict';

// What changed something: by the judge, or by people in its place.
export function History({ of }: { of: Said[] }) {
    return (
        <Panel title="What was decided" flush>
            <Wide name="What was decided">
                <Table verticalSpacing="xs">
                    <Table.Thead>
                        <Table.Tr>
                            <Table.Th>When</Table.Th>
                            <Table.Th>Step</Table.Th>
                            <Table.Th>Outcome</Table.Th>
                            <Table.Th>By</Table.Th>
                            <Table.Th ta="right">Requests</Table.Th>
                            <Table.Th ta="right">Errors</Table.Th>
                            <Table.Th ta="right">p95</Table.Th>
                            <Table.Th>Why</Table.Th>
                        </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                        {[...of].reverse().map(one => (
                            <Table.Tr key={one.at + one.outcome}>
                                <Table.Td style={{ whiteSpace: 'nowrap' }}><When at={one.at} /></Table.Td>
                                <Table.Td className="numbers" style={{ whiteSpace: 'nowrap' }}>{one.step + 1}{one.weight !== null && `, ${share(one.weight)}`}</Table.Td>
                                <Table.Td><Outcome of={one.outcome} /></Table.Td>
                                <Table.Td style={{ whiteSpace: 'nowrap' }}>{one.by ? <Who id={one.by} /> : one.outcome !== 'shift' && <span className="soft">the judge</span>}</Table.Td>
                                <Table.Td ta="right" className="numbers">{one.numbers ? count(one.numbers.canary.requests) : ''}</Table.Td>
                                <Table.Td ta="right" className="numbers">{one.numbers ? percent(one.numbers.canary.error_rate) : ''}</Table.Td>
                                <Table.Td ta="right" className="numbers" style={{ whiteSpace: 'nowrap' }}>{one.numbers ? ms(one.numbers.canary.p95_ms) : ''}</Table.Td>
                                <Table.Td miw={180}>{one.why.join(' ')}</Table.Td>
                            </Table.Tr>
                        ))}
                    </Table.Tbody>
                </Table>
            </Wide>
        </Panel>
    );
}
