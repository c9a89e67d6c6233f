import { ActionIcon, Button, Group, MultiSelect, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { IconGauge, IconPlus, IconTrash } from '@tabler/icons-react';
import type { Draft } from '@/parts/draft';
import { Empty } from '@/parts/Empty';
import { Panel } from '@/parts/Panel';
import { keyParts, METHODS, NEW_RATE, WINDOWS, type Guard, type Rate } from './guard';

const MOST = 10;

// At most so many requests in so much time, from one visitor or with one key.
export function Rates({ draft }: { draft: Draft<Guard> }) {
    const { rates } = draft.value;
    const set = (next: Rate[]) => draft.change({ ...draft.value, rates: next });
    const add = (
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => set([...rates, { ...NEW_RATE, name: `rate-${rates.length + 1}` }])} disabled={rates.length >= MOST}>
            Add rate
        </Button>
    );
    return (
        <Panel title="Rates" about="At most so many requests in a window; more are answered with 429." actions={add}>
            {rates.length === 0 ? (
                <Empty icon={<IconGauge />} title="No rates">
                    A sign-in, for instance, is well served by 20 POST a minute from one address.
                </Empty>
            ) : (
                <Stack gap="lg">
                    {rates.map((rate, index) => (
                        <One key={index} rate={rate} change={next => set(rates.with(index, next))} remove={() => set(rates.toSpliced(index, 1))} />
                    ))}
                </Stack>
            )}
        </Panel>
    );
}

function One({ rate, change, remove }: { rate: Rate; change: (rate: Rate) => void; remove: () => void }) {
    const { kind, name } = keyParts(rate.key);
    return (
        <Stack gap="xs" role="group" aria-label={`Rate ${rate.name}`}>
            <Group justify="space-between" wrap="nowrap" align="flex-end">
                <TextInput label="Name" value={rate.name} onChange={event => change({ ...rate, name: event.currentTarget.value })} style={{ flex: 1, minWidth: 0 }} />
                <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Remove the rate ${rate.name}`} onClick={remove}>
                    <IconTrash size={16} />
                </ActionIcon>
            </Group>
            <div className="columns">
                <TextInput label="Path" description="One path, or the beginning of some: /api/*" value={rate.path} onChange={event => change({ ...rate, path: event.currentTarget.value })} />
                <MultiSelect label="Methods" description="None chosen: all" data={[...METHODS]} value={rate.methods} onChange={methods => change({ ...rate, methods: methods as Rate['methods'] })} />
                <NumberInput label="At most" suffix=" requests" min={10} max={2_000_000} thousandSeparator="," value={rate.limit} onChange={limit => change({ ...rate, limit: Number(limit) || 0 })} error={rate.limit < 10 ? 'At least 10.' : undefined} />
                <Select label="In" data={WINDOWS.map(seconds => ({ value: String(seconds), label: `${seconds / 60} min` }))} value={String(rate.window)} allowDeselect={false} onChange={window => change({ ...rate, window: Number(window) as Rate['window'] })} />
                <Select label="Counted by" data={[{ value: 'ip', label: 'Address of the visitor' }, { value: 'header', label: 'Value of a header' }, { value: 'cookie', label: 'Value of a cookie' }]} value={kind} allowDeselect={false} onChange={next => change({ ...rate, key: next === 'ip' ? 'ip' : `${next}:${name}` })} />
                {kind !== 'ip' && <TextInput label={kind === 'header' ? 'Header' : 'Cookie'} description="Requests without it are not counted." value={name} onChange={event => change({ ...rate, key: `${kind}:${event.currentTarget.value.trim()}` })} />}
                <Select label="More are" data={[{ value: 'block', label: 'Refused' }, { value: 'challenge', label: 'Asked for a proof of work' }]} value={rate.action} allowDeselect={false} onChange={action => change({ ...rate, action: action as Rate['action'] })} />
            </div>
        </Stack>
    );
}
