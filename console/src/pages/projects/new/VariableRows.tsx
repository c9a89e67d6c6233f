import { ActionIcon, Button, Checkbox, Group, Stack, TextInput, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import classes from './New.module.css';
import type { Variable } from './plan';
import { nameFault, read } from './variables';

// Variables that the first build already gets. A whole .env file can be pasted into a name.
export function VariableRows({ of, change }: { of: Variable[]; change: (variables: Variable[]) => void }) {
    const set = (at: number, part: Partial<Variable>) => change(of.map((one, index) => (index === at ? { ...one, ...part } : one)));
    return (
        <Stack gap="sm">
            {of.map((one, at) => (
                <div key={at} className={classes.variable} role="group" aria-label={`Variable ${at + 1}`}>
                    <TextInput
                        aria-label="Name"
                        placeholder="NAME"
                        classNames={{ input: 'mono' }}
                        value={one.name}
                        error={nameFault(one.name, of) || undefined}
                        onChange={event => set(at, { name: event.currentTarget.value })}
                        onPaste={event => {
                            const found = read(event.clipboardData.getData('text'));
                            if (found.length > 0) {
                                event.preventDefault();
                                change([...of.slice(0, at), ...found, ...of.slice(at + 1)]);
                            }
                        }}
                        autoComplete="off"
                        spellCheck={false}
                    />
                    <TextInput
                        aria-label="Value"
                        placeholder="value"
                        classNames={{ input: 'mono' }}
                        type={one.secret ? 'password' : 'text'}
                        value={one.value}
                        onChange={event => set(at, { value: event.currentTarget.value })}
                        autoComplete="off"
                        spellCheck={false}
                    />
                    <Checkbox label="Secret" checked={one.secret} onChange={event => set(at, { secret: event.currentTarget.checked })} />
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove variable ${one.name || at + 1}`} onClick={() => change(of.filter((_, index) => index !== at))}>
                        <IconTrash size={16} />
                    </ActionIcon>
                </div>
            ))}
            <Group>
                <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => change([...of, { name: '', value: '', secret: true }])}>
                    Add a variable
                </Button>
                <Text size="sm" className="soft">
                    Or paste the lines of a .env file into a name. They count in every environment.
                </Text>
            </Group>
        </Stack>
    );
}
