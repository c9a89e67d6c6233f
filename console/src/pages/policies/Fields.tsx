import { Chip, Fieldset, Group, MultiSelect, NumberInput, SegmentedControl, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import type { Problem } from '@/api/problem';
import { PERMISSIONS } from '@/parts/roles';
import { about } from '@/parts/write';
import { DAYS, ROLES, type Draft } from './draft';

const SUBJECTS = [...new Set(PERMISSIONS.map(permission => permission.split('.')[0]))];
const ACTIONS = ['*', ...SUBJECTS.map(subject => `${subject}.*`), ...PERMISSIONS];
const ZONES = Intl.supportedValuesOf('timeZone');
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

// The fields of a policy. Empty ones match everything, and ask for nothing.
export function Fields({ draft, change, fault }: { draft: Draft; change: (some: Partial<Draft>) => void; fault: Problem | null }) {
    const timed = draft.days.length > 0 || draft.from !== '' || draft.to !== '';
    return (
        <Stack>
            <SegmentedControl
                aria-label="Effect"
                value={draft.effect}
                onChange={effect => change({ effect: effect as Draft['effect'] })}
                data={[
                    { value: 'deny', label: 'Forbid when' },
                    { value: 'allow_only', label: 'Allow only when' },
                ]}
            />
            <MultiSelect label="Who" placeholder={draft.roles.length ? undefined : 'everybody'} description="By the role that lets them act" data={ROLES} value={draft.roles} clearable error={about(fault, '/roles')} onChange={roles => change({ roles })} />
            <MultiSelect label="Actions" placeholder={draft.actions.length ? undefined : 'everything'} data={ACTIONS} value={draft.actions} searchable clearable error={about(fault, '/actions')} onChange={actions => change({ actions })} />
            <TagsInput
                label="Resources"
                placeholder={draft.resources.length ? undefined : 'everywhere'}
                description="A kind, or one thing: project:shop"
                data={['team', 'project', 'deployment', 'upload']}
                value={draft.resources}
                clearable
                error={about(fault, '/resources')}
                onChange={resources => change({ resources })}
            />
            <Fieldset legend="Conditions, all of which hold">
                <Stack>
                    <Chip.Group multiple value={draft.days} onChange={days => change({ days })}>
                        <Group gap={6} role="group" aria-label="Days">
                            {DAYS.map(day => (
                                <Chip key={day} value={day} size="xs">
                                    {day}
                                </Chip>
                            ))}
                        </Group>
                    </Chip.Group>
                    <Group grow align="flex-start">
                        <TextInput label="From" placeholder="09:30" value={draft.from} error={about(fault, '/conditions/time/from')} onChange={event => change({ from: event.currentTarget.value })} />
                        <TextInput label="To" placeholder="24:00" value={draft.to} error={about(fault, '/conditions/time/to')} onChange={event => change({ to: event.currentTarget.value })} />
                    </Group>
                    {timed && (
                        <Select
                            label="Time zone"
                            placeholder={`UTC; yours is ${HERE}`}
                            searchable
                            clearable
                            data={ZONES}
                            limit={80}
                            value={draft.timezone || null}
                            error={about(fault, '/conditions/time/timezone')}
                            onChange={timezone => change({ timezone: timezone ?? '' })}
                        />
                    )}
                    <Select
                        label="Second factor"
                        placeholder="does not matter"
                        clearable
                        data={[
                            { value: 'with', label: 'with one' },
                            { value: 'without', label: 'without one' },
                        ]}
                        value={draft.mfa || null}
                        onChange={mfa => change({ mfa: (mfa ?? '') as Draft['mfa'] })}
                    />
                    {draft.mfa === 'with' && (
                        <NumberInput label="Not older than, in minutes" placeholder="any age" min={1} max={43_200} allowDecimal={false} value={draft.age} onChange={age => change({ age: age === '' ? '' : Number(age) })} />
                    )}
                    <TagsInput label="From networks" placeholder={draft.cidrs.length ? undefined : 'anywhere; 203.0.113.0/24'} value={draft.cidrs} error={about(fault, '/conditions/network')} onChange={cidrs => change({ cidrs })} />
                    <TagsInput label="Environments" placeholder={draft.environments.length ? undefined : 'any'} data={['production', 'preview', 'development']} value={draft.environments} error={about(fault, '/conditions/environment')} onChange={environments => change({ environments })} />
                </Stack>
            </Fieldset>
        </Stack>
    );
}
