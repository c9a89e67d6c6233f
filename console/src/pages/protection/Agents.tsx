import { ActionIcon, Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Draft } from '@/parts/draft';
import type { Agent, Guard } from './guard';

const MOST = 20;
const ACTIONS = [{ value: 'block', label: 'Refuse' }, { value: 'challenge', label: 'Proof of work' }, { value: 'allow', label: 'Let through' }];

// Rules of one's own about what a User-Agent contains; the first that fits counts.
export function Agents({ draft }: { draft: Draft<Guard> }) {
    const { agents } = draft.value.bots;
    const set = (next: Agent[]) => draft.change({ ...draft.value, bots: { ...draft.value.bots, agents: next } });
    return (
        <Stack gap="xs">
            {agents.map((agent, index) => (
                <Group key={index} gap="xs" align="flex-end" wrap="nowrap">
                    <TextInput label={`User-Agent ${index + 1} contains`} value={agent.contains} onChange={event => set(agents.with(index, { ...agent, contains: event.currentTarget.value }))} style={{ flex: 1, minWidth: 0 }} />
                    <Select label="Then" data={ACTIONS} value={agent.action} allowDeselect={false} onChange={action => set(agents.with(index, { ...agent, action: action as Agent['action'] }))} w={140} />
                    <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Remove the rule about ${agent.contains || 'nothing yet'}`} onClick={() => set(agents.toSpliced(index, 1))}>
                        <IconTrash size={16} />
                    </ActionIcon>
                </Group>
            ))}
            <div>
                <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => set([...agents, { contains: '', action: 'block' }])} disabled={agents.length >= MOST}>
                    Rule about a name
                </Button>
            </div>
        </Stack>
    );
}
