import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react';
import { problem, UNREACHABLE } from '@/api/problem';

// What did not work: what happened, what to do next, and a way to try again where that may help.
export function Fault({ of, again }: { of: unknown; again?: () => void }) {
    const { code, message, hint, errors, request } = problem(of);
    const away = code === UNREACHABLE;
    return (
        <Alert color={away ? 'gray' : 'red'} icon={away ? <IconCloudOff /> : <IconAlertTriangle />} title={message} role="alert">
            {errors.map(one => (
                <Text size="sm" key={one.pointer}>
                    <span className="mono">{one.pointer}</span> {one.detail}
                </Text>
            ))}
            {hint && <Text size="sm">{hint}</Text>}
            <Group mt="xs" gap="sm">
                {again && (
                    <Button size="xs" variant="default" onClick={again}>
                        Try again
                    </Button>
                )}
                {request && <span className="soft mono">request {request}</span>}
            </Group>
        </Alert>
    );
}
