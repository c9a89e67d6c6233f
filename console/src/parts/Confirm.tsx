import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { failed } from './notices';
import { Sheet } from './Sheet';

// One question before something that cannot be taken back. With `type` the name has to be typed first.
export function Confirm({ opened, onClose, title, children, action, type, danger = true, onConfirm }: {
    opened: boolean;
    onClose: () => void;
    title: string;
    children?: ReactNode;
    action: string;
    type?: string;
    danger?: boolean;
    onConfirm: () => Promise<unknown>;
}) {
    const [typed, setTyped] = useState('');
    const [busy, setBusy] = useState(false);
    const confirm = async () => {
        setBusy(true);
        try {
            await onConfirm();
            setTyped('');
            onClose();
        } catch (error) {
            failed(error);
        } finally {
            setBusy(false);
        }
    };
    return (
        <Sheet opened={opened} onClose={onClose} title={title}>
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void confirm();
                }}
            >
                <Stack>
                    {children && <Text component="div">{children}</Text>}
                    {type && (
                        <TextInput label={`Type ${type} to go on`} value={typed} onChange={event => setTyped(event.currentTarget.value)} autoComplete="off" />
                    )}
                    <Group justify="flex-end">
                        <Button variant="default" onClick={onClose}>
                            Cancel
                        </Button>
                        <Button type="submit" color={danger ? 'red' : undefined} loading={busy} disabled={type !== undefined && typed !== type}>
                            {action}
                        </Button>
                    </Group>
                </Stack>
            </form>
        </Sheet>
    );
}
