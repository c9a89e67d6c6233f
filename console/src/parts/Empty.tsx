import { Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { ReactNode } from 'react';

// Where there is nothing yet: what would be here, and how it comes about.
export function Empty({ icon, title, children, action }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }) {
    return (
        <Stack align="center" gap="xs" py="xl" px="md" ta="center">
            {icon && (
                <ThemeIcon size={48} radius="xl" variant="light" color="gray">
                    {icon}
                </ThemeIcon>
            )}
            <Title order={2} size="h5">
                {title}
            </Title>
            {children && (
                <Text className="soft" maw={460} component="div">
                    {children}
                </Text>
            )}
            {action}
        </Stack>
    );
}
