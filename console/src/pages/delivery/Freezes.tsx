import { ActionIcon, Button, Group, NumberInput, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Draft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { Chips } from './Chips';
import { freezeState, freezeWords, type Delivery, type Freeze } from './delivery';

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter(zone => zone !== 'UTC')];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

// How many people have to approve, and when nothing goes live.
export function Freezes({ draft }: { draft: Draft<Delivery> }) {
    const { value, change } = draft;
    const [adding, setAdding] = useState(false);
    return (
        <>
            <Panel title="Approvals" about="Of exactly one commit, each person once, and not whoever pushed it.">
                <div className="columns">
                    <NumberInput label="People who have to approve" min={0} max={5} value={value.approvals} onChange={one => change({ ...value, approvals: Number(one) || 0 })} />
                    <Select label="Whose approval counts" data={[{ value: 'developers', label: 'Developers and above' }, { value: 'admins', label: 'Admins and owners' }]} value={value.approvers} allowDeselect={false} onChange={one => change({ ...value, approvers: one as Delivery['approvers'] })} />
                </div>
            </Panel>
            <Panel
                title="Freezes"
                about="Nothing goes live by itself in these windows; what is ready waits. A rollback is always possible."
                actions={
                    !adding && (
                        <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
                            Add window
                        </Button>
                    )
                }
            >
                <Stack>
                    {value.freezes.length === 0 && !adding && <span className="soft">No windows: releases go live at any time.</span>}
                    {value.freezes.map((freeze, index) => (
                        <Group key={index} justify="space-between" wrap="nowrap">
                            <div>
                                <div>{freezeWords(freeze)} <Stand of={freeze} /></div>
                                {freeze.reason && <div className="soft">{freeze.reason}</div>}
                            </div>
                            <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Remove: ${freezeWords(freeze)}`} onClick={() => change({ ...value, freezes: value.freezes.toSpliced(index, 1) })}>
                                <IconTrash size={16} />
                            </ActionIcon>
                        </Group>
                    ))}
                    {adding && (
                        <NewFreeze
                            add={freeze => {
                                change({ ...value, freezes: [...value.freezes, freeze] });
                                setAdding(false);
                            }}
                            cancel={() => setAdding(false)}
                        />
                    )}
                </Stack>
            </Panel>
        </>
    );
}

function Stand({ of }: { of: Freeze }) {
    const state = freezeState(of);
    return state !== 'to come' && <State of={state} tone={state === 'now' ? 'warn' : 'idle'} />;
}

function NewFreeze({ add, cancel }: { add: (freeze: Freeze) => void; cancel: () => void }) {
    const [kind, setKind] = useState<'span' | 'weekly'>('span');
    const [from, setFrom] = useState('');
    const [to, setTo] = useState('');
    const [days, setDays] = useState<string[]>(['fri']);
    const [timezone, setTimezone] = useState(HERE);
    const [reason, setReason] = useState('');
    const weekly = kind === 'weekly';
    const made = { reason, timezone, from: weekly ? null : from, to: weekly ? null : to, weekly: weekly ? { days, from, to } : null } as Freeze;
    const fault = !weekly && from && to && to <= from ? 'Ends before it begins.' : undefined;
    const type = weekly ? 'time' : 'datetime-local';
    return (
        <Stack gap="sm" role="group" aria-label="New window">
            <SegmentedControl aria-label="How often" data={[{ value: 'span', label: 'Once' }, { value: 'weekly', label: 'Every week' }]} value={kind} onChange={one => { setKind(one as 'span'); setFrom(''); setTo(''); }} />
            {weekly && <Chips value={days} onChange={setDays} />}
            <div className="columns">
                <TextInput type={type} label="From" value={from} onChange={event => setFrom(event.currentTarget.value)} />
                <TextInput type={type} label="To" description={weekly ? 'No later than the beginning: the next day' : undefined} value={to} onChange={event => setTo(event.currentTarget.value)} error={fault} />
                <Select label="Time zone" data={ZONES} value={timezone} searchable allowDeselect={false} limit={60} onChange={one => setTimezone(one ?? 'UTC')} />
                <TextInput label="Why" placeholder="Holidays" value={reason} onChange={event => setReason(event.currentTarget.value)} />
            </div>
            <Group justify="flex-end" gap="sm">
                <Button size="xs" variant="default" onClick={cancel}>
                    Cancel
                </Button>
                <Button size="xs" onClick={() => add(made)} disabled={!from || !to || fault !== undefined || (weekly && days.length === 0)}>
                    Add
                </Button>
            </Group>
        </Stack>
    );
}
