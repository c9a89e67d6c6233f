import { ActionIcon, Group, Table, Tooltip } from '@mantine/core';
import { IconBellRinging, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Wide } from '@/parts/Wide';
import { failed } from '@/parts/notices';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { unsubscribe } from '@/push/subscription';
import { tried } from './tried';

type Browser = Schema<'BrowserView'>;

// All browsers of this person, wherever they are.
export function Browsers({ items, here, onChanged }: { items: Browser[]; here: string | undefined; onChanged: () => void }) {
    const [leaving, setLeaving] = useState<Browser>();
    const remove = async (browser: Browser) => {
        await api.DELETE('/v1/me/push/{browser}', { params: { path: { browser: browser.id } } });
        if (browser.id === here) {
            await unsubscribe();
        }
        onChanged();
    };
    return (
        <Wide name="Browsers">
            <Table verticalSpacing="sm">
                <Table.Thead>
                    <Table.Tr>
                        <Table.Th>Browser</Table.Th>
                        <Table.Th>Events</Table.Th>
                        <Table.Th>Since</Table.Th>
                        <Table.Th aria-label="What can be done" />
                    </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                    {items.map(browser => (
                        <Table.Tr key={browser.id}>
                            <Table.Td>
                                <div>
                                    {browser.name} {browser.id === here && <State of="this one" tone="live" />}
                                </div>
                                <div className="soft mono">{browser.service}</div>
                                {browser.failing_since && (
                                    <div>
                                        <State of="failing" /> <When at={browser.failing_since} />
                                    </div>
                                )}
                            </Table.Td>
                            <Table.Td>
                                {browser.events.length} {browser.events.length === 1 ? 'event' : 'events'}
                                <div className="soft">{browser.teams.length === 0 ? 'all teams' : `${browser.teams.length} ${browser.teams.length === 1 ? 'team' : 'teams'}`}</div>
                            </Table.Td>
                            <Table.Td>
                                <When at={browser.created_at} />
                            </Table.Td>
                            <Table.Td>
                                <Group gap="xs" wrap="nowrap" justify="flex-end">
                                    <Tooltip label="Send a test message">
                                        <ActionIcon variant="default" size="lg" aria-label={`Send a test message to ${browser.name}`} onClick={() => void tried(browser.id).catch(failed).finally(onChanged)}>
                                            <IconBellRinging size={18} />
                                        </ActionIcon>
                                    </Tooltip>
                                    <Tooltip label="Remove">
                                        <ActionIcon variant="default" size="lg" aria-label={`Remove ${browser.name}`} onClick={() => setLeaving(browser)}>
                                            <IconTrash size={18} />
                                        </ActionIcon>
                                    </Tooltip>
                                </Group>
                            </Table.Td>
                        </Table.Tr>
                    ))}
                </Table.Tbody>
            </Table>
            <Confirm opened={leaving !== undefined} onClose={() => setLeaving(undefined)} title={`Remove ${leaving?.name ?? 'it'}?`} action="Remove" onConfirm={() => remove(leaving!)}>
                It is told nothing more. Notifications can be turned on there again.
            </Confirm>
        </Wide>
    );
}
