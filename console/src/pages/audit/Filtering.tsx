import { Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { ALL, type Filters } from './source';

const FIELDS: { name: keyof Filters; label: string; placeholder?: string; type?: string }[] = [
    { name: 'action', label: 'Action', placeholder: 'projects. or deployments.promote' },
    { name: 'actor', label: 'Actor', placeholder: 'id of a person, key or session' },
    { name: 'resource', label: 'Resource', placeholder: 'name or id' },
    { name: 'from', label: 'From', type: 'datetime-local' },
    { name: 'to', label: 'Until', type: 'datetime-local' },
];

// What of the log to show; how many filters count stands on the button.
export function Filtering({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
    const set = FIELDS.filter(({ name }) => filters[name] !== '').length;
    return (
        <Group gap="xs">
            {set > 0 && (
                <Button size="compact-sm" variant="subtle" onClick={() => onChange(ALL)}>
                    Show all
                </Button>
            )}
            <Popover position="bottom-end" width={290} trapFocus shadow="md">
                <Popover.Target>
                    <Button size="compact-sm" variant="default" leftSection={<IconFilter size={14} />}>
                        {set > 0 ? `Filters: ${set}` : 'Filter'}
                    </Button>
                </Popover.Target>
                <Popover.Dropdown>
                    <Stack gap="xs">
                        {FIELDS.map(({ name, label, placeholder, type }) => (
                            <TextInput key={name} size="xs" label={label} placeholder={placeholder} type={type} value={filters[name]} onChange={event => onChange({ ...filters, [name]: event.currentTarget.value })} />
                        ))}
                    </Stack>
                </Popover.Dropdown>
            </Popover>
        </Group>
    );
}
