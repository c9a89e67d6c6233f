import { ActionIcon, Button, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Draft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import type { Check, Delivery } from './delivery';

const MOST = 20;

// Pages of the new version that have to answer with a status in every step.
export function Checks({ draft }: { draft: Draft<Delivery> }) {
    const { checks } = draft.value;
    const set = (next: Check[]) => draft.change({ ...draft.value, checks: next });
    return (
        <Panel title="Checks" about="Three failures in a row, a second apart, take a release back at once.">
            <Stack gap="xs">
                {checks.map((check, index) => (
                    <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
                        <TextInput label={`Path ${index + 1}`} placeholder="/health" value={check.path} onChange={event => set(checks.with(index, { ...check, path: event.currentTarget.value }))} error={check.path && !check.path.startsWith('/') ? 'Begins with /.' : undefined} style={{ flex: 1, minWidth: 0 }} />
                        <NumberInput label="Answers" min={100} max={599} value={check.status} onChange={status => set(checks.with(index, { ...check, status: Number(status) || 200 }))} w={110} />
                        <ActionIcon variant="subtle" color="red" size="lg" mt={26} aria-label={`Remove the check of ${check.path || 'nothing yet'}`} onClick={() => set(checks.toSpliced(index, 1))}>
                            <IconTrash size={16} />
                        </ActionIcon>
                    </Group>
                ))}
                <div>
                    <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => set([...checks, { path: '/', status: 200 }])} disabled={checks.length >= MOST}>
                        Add check
                    </Button>
                </div>
            </Stack>
        </Panel>
    );
}
