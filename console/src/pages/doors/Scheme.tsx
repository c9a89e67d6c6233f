import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';

export function Scheme() {
    const dark = useComputedColorScheme('light') === 'dark';
    const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
    return (
        <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => setColorScheme(dark ? 'light' : 'dark')} aria-label={dark ? 'Light colours' : 'Dark colours'}>
            {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
        </ActionIcon>
    );
}
