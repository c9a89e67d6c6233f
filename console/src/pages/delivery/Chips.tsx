import { Chip, Group } from '@mantine/core';

const DAYS = [['mon', 'Monday'], ['tue', 'Tuesday'], ['wed', 'Wednesday'], ['thu', 'Thursday'], ['fri', 'Friday'], ['sat', 'Saturday'], ['sun', 'Sunday']] as const;

export function Chips({ value, onChange }: { value: string[]; onChange: (days: string[]) => void }) {
    return (
        <Chip.Group multiple value={value} onChange={onChange}>
            <Group gap="xs" role="group" aria-label="Days">
                {DAYS.map(([day, name]) => (
                    <Chip key={day} value={day} size="xs">
                        {name}
                    </Chip>
                ))}
            </Group>
        </Chip.Group>
    );
}
