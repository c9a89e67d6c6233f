import { Button, Stack, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import { Wide } from '@/parts/Wide';
import { count } from '@/parts/units';
import { Facts } from '../Facts';

const SEVERITIES: Record<string, Tone> = { critical: 'bad', high: 'bad', medium: 'warn', unstated: 'warn' };

// What the site is made with, by its lock files, and what is known against it today.
export function Packages({ deployment }: { deployment: string }) {
    const path = { params: { path: { deployment } } };
    const bill = $api.useQuery('get', '/v1/deployments/{deployment}/sbom', path, { retry: false });
    const known = $api.useQuery('get', '/v1/deployments/{deployment}/vulnerabilities', path, { retry: false, enabled: bill.isSuccess });
    return (
        <Stack>
            <Panel title="Bill of materials" about="CycloneDX 1.6, made from lock files.">
                <Loaded query={bill} rows={1}>
                    {({ components, locks, gaps, url, sha256 }) => (
                        <Stack>
                            <Facts of={[['Packages', count(components)], ['Read', locks.join(', ') || 'no lock file'], ['SHA-256', <span key="s" className="mono clip" title={sha256}>{sha256.slice(0, 16)}</span>]]} />
                            {gaps.map(gap => (
                                <Text key={gap} size="sm" className="soft">{gap}</Text>
                            ))}
                            <div>
                                <Button component="a" href={url} variant="default" size="xs" leftSection={<IconDownload size={14} />}>
                                    Download the bill
                                </Button>
                            </div>
                        </Stack>
                    )}
                </Loaded>
            </Panel>
            {bill.isSuccess && (
                <Panel title="Known vulnerabilities" about="As of now, not of the day it was built." flush>
                    <Loaded query={known}>
                        {found => (
                            <>
                                <div style={{ padding: 'var(--mantine-spacing-md)' }}>
                                    <Facts of={[['Vulnerable', count(found.vulnerable)], ['Nothing known', count(found.not_known)], ['Unknown', count(found.unknown)], ['Copies', found.copies.map(copy => `${copy.ecosystem}, ${copy.age_days.toFixed(0)} days old`).join('; ') || 'none']]} />
                                </div>
                                {found.reasons.map(reason => (
                                    <Notice key={reason.ecosystem + reason.why} tone="warn" title={reason.ecosystem}>{reason.why}</Notice>
                                ))}
                                {found.items.length > 0 && (
                                    <Wide name="Advisories">
                                        <Table verticalSpacing="xs">
                                            <Table.Tbody>
                                                {found.items.map(item => (
                                                    <Table.Tr key={item.purl + item.advisory}>
                                                        <Table.Td>
                                                            <State of={item.severity} tone={SEVERITIES[item.severity] ?? 'idle'} />
                                                        </Table.Td>
                                                        <Table.Td className="mono">{item.name} {item.version}</Table.Td>
                                                        <Table.Td>
                                                            {item.summary} <a href={`https://osv.dev/vulnerability/${encodeURIComponent(item.advisory)}`} target="_blank" rel="noreferrer">{item.advisory}</a>
                                                        </Table.Td>
                                                        <Table.Td>{item.fixed ? `repaired in ${item.fixed}` : 'no repair yet'}</Table.Td>
                                                    </Table.Tr>
                                                ))}
                                            </Table.Tbody>
                                        </Table>
                                    </Wide>
                                )}
                                {found.more > 0 && <Text className="soft" p="sm">And {count(found.more)} more; `deck vulnerabilities` has all of them.</Text>}
                            </>
                        )}
                    </Loaded>
                </Panel>
            )}
        </Stack>
    );
}
