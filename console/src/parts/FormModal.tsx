import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Fault } from './Fault';
import { Sheet } from './Sheet';
import type { Write } from './write';

// A form over the page. It closes when what it sends was taken; until then it says why it was not.
export function FormModal({ opened, onClose, title, action, write, send, said, size, danger = false, disabled = false, children }: {
    opened: boolean;
    onClose: () => void;
    title: string;
    action: string;
    write: Write;
    send: () => Promise<unknown>;
    said?: string;
    size?: string;
    danger?: boolean;
    disabled?: boolean;
    children: ReactNode;
}) {
    const close = () => {
        write.clear();
        onClose();
    };
    const submit = async () => {
        if (await write.run(send, said)) {
            onClose();
        }
    };
    return (
        <Sheet opened={opened} onClose={close} title={title} size={size}>
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void submit();
                }}
            >
                <Stack>
                    {children}
                    {write.fault && <Fault of={write.fault} />}
                    <Group justify="flex-end">
                        <Button variant="default" onClick={close}>
                            Cancel
                        </Button>
                        <Button type="submit" loading={write.busy} disabled={disabled} color={danger ? 'red' : undefined}>
                            {action}
                        </Button>
                    </Group>
                </Stack>
            </form>
        </Sheet>
    );
}
