import { Code, Stack, Table, Text } from '@mantine/core';
import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { Wide } from '@/parts/Wide';
import { count } from '@/parts/units';
import { Facts } from '../Facts';

// The rules that a deployment answers by, in the order in which they are asked, with where each was written.
export function RulesOf({ deployment }: { deployment: string }) {
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/rules', { params: { path: { deployment } } });
    return (
        <Loaded query={query}>
            {rules => (
                <Stack>
                    <Panel title="How addresses are answered">
                        <Facts
                            of={[
                                ['Single-page app', rules.spa ? 'yes' : 'no'],
                                ['Clean addresses', rules.clean_urls ? 'yes' : 'no'],
                                ['Trailing slash', rules.trailing_slash || 'as it is'],
                                rules.not_found && ['Not found', <Code key="n">{rules.not_found}</Code>],
                                rules.locales && ['Languages', rules.locales.names.join(', ')],
                                rules.backends.length > 0 && ['Backends', rules.backends.map(one => one.name).join(', ')],
                                rules.auth.length > 0 && ['Asks for a password', rules.auth.map(one => one.path).join(', ')],
                            ]}
                        />
                    </Panel>
                    <Panel title="Redirects, rewrites and proxies" about={`${count(rules.total)} in all`} flush={rules.rules.length > 0}>
                        {rules.rules.length === 0 ? (
                            <Text className="soft">None. Files answer under their own names.</Text>
                        ) : (
                            <Wide name="Rules">
                                <Table verticalSpacing={6}>
                                    <Table.Thead>
                                        <Table.Tr>
                                            <Table.Th>From</Table.Th>
                                            <Table.Th>Status</Table.Th>
                                            <Table.Th>To</Table.Th>
                                            <Table.Th>Written in</Table.Th>
                                        </Table.Tr>
                                    </Table.Thead>
                                    <Table.Tbody>
                                        {rules.rules.map(rule => (
                                            <Table.Tr key={`${rule.source}:${rule.line}:${rule.path}`}>
                                                <Table.Td className="mono">{rule.path}</Table.Td>
                                                <Table.Td className="numbers">{rule.status}{rule.force ? ', always' : ''}</Table.Td>
                                                <Table.Td className="mono">{rule.to}</Table.Td>
                                                <Table.Td className="soft">{rule.source}:{rule.line}</Table.Td>
                                            </Table.Tr>
                                        ))}
                                    </Table.Tbody>
                                </Table>
                            </Wide>
                        )}
                        {rules.next !== null && <Text className="soft" p="sm">The first thousand are shown; `deck rules list` has all of them.</Text>}
                    </Panel>
                    {rules.headers.length > 0 && (
                        <Panel title="Headers" flush>
                            <Wide name="Headers">
                                <Table verticalSpacing={6}>
                                    <Table.Tbody>
                                        {rules.headers.map(one => (
                                            <Table.Tr key={`${one.source}:${one.line}:${one.path}`}>
                                                <Table.Td className="mono">{one.path}</Table.Td>
                                                <Table.Td className="mono">{one.headers.map(([name, value]) => `${String(name)}: ${String(value)}`).join('\n')}</Table.Td>
                                                <Table.Td className="soft">{one.source}:{one.line}</Table.Td>
                                            </Table.Tr>
                                        ))}
                                    </Table.Tbody>
                                </Table>
                            </Wide>
                        </Panel>
                    )}
                </Stack>
            )}
        </Loaded>
    );
}
