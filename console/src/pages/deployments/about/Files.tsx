import { Button, Center, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Wide } from '@/parts/Wide';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { bytes, count } from '@/parts/units';
import type { Deployment } from '../deeds';

const PAGE = 100;

// The published files. Each opens at the deployment's own address; names are searched in what was loaded.
export function Files({ of }: { of: Deployment }) {
    const [wanted, setWanted] = useState('');
    const found = $api.useInfiniteQuery('get', '/v1/deployments/{deployment}/files', { params: { path: { deployment: of.id }, query: { limit: PAGE } } }, paged);
    return (
        <Loaded query={found}>
            {({ pages }) => {
                const all = pages.flatMap(page => page.items);
                const shown = all.filter(file => file.path.toLowerCase().includes(wanted.trim().toLowerCase()));
                return (
                    <Panel
                        title="Files"
                        about={`${count(of.files)}, ${bytes(of.bytes)}${found.hasNextPage ? `; ${count(all.length)} of them loaded` : ''}`}
                        actions={<TextInput size="xs" type="search" aria-label="Search file names" placeholder="Search" leftSection={<IconSearch size={14} />} value={wanted} onChange={event => setWanted(event.currentTarget.value)} />}
                        flush
                    >
                        <Wide name="Files">
                            <Table verticalSpacing={6} layout="fixed" miw={420}>
                                <Table.Thead>
                                    <Table.Tr>
                                        <Table.Th>Path</Table.Th>
                                        <Table.Th w={100} ta="right">Size</Table.Th>
                                        <Table.Th w={130}>SHA-256</Table.Th>
                                    </Table.Tr>
                                </Table.Thead>
                                <Table.Tbody>
                                    {shown.map(file => (
                                        <Table.Tr key={file.path}>
                                            <Table.Td className="clip mono">
                                                <a href={`${of.url}/${file.path.split('/').map(encodeURIComponent).join('/')}`} target="_blank" rel="noreferrer" title={file.path}>
                                                    {file.path}
                                                </a>
                                            </Table.Td>
                                            <Table.Td ta="right" className="numbers">{bytes(file.size)}</Table.Td>
                                            <Table.Td className="mono soft" title={file.sha256}>{file.sha256.slice(0, 12)}</Table.Td>
                                        </Table.Tr>
                                    ))}
                                </Table.Tbody>
                            </Table>
                        </Wide>
                        {!shown.length && <Text className="soft" p="md">{found.hasNextPage ? 'No such file among those that were loaded.' : 'No such file.'}</Text>}
                        {found.hasNextPage && (
                            <Center p="sm">
                                <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                                    More
                                </Button>
                            </Center>
                        )}
                    </Panel>
                );
            }}
        </Loaded>
    );
}
