import { Text, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormModal } from '@/parts/FormModal';
import { about, useWrite } from '@/parts/write';

// Something that is done to others: it asks for a reason, which stands in the log of the installation.
export function WithReason({ title, action, danger = false, children, touches, said, onClose, send }: {
    title: string;
    action: string;
    danger?: boolean;
    children: ReactNode;
    touches: string;
    said: string;
    onClose: () => void;
    send: (reason: string) => Promise<unknown>;
}) {
    const [reason, setReason] = useState('');
    const write = useWrite(touches);
    return (
        <FormModal opened onClose={onClose} title={title} action={action} danger={danger} write={write} send={() => send(reason.trim())} said={said}>
            <Text component="div">{children}</Text>
            <Textarea label="Reason" description="It stands in the audit log of the installation." required data-autofocus autosize minRows={2} value={reason} error={about(write.fault, '/reason')} onChange={event => setReason(event.currentTarget.value)} />
        </FormModal>
    );
}
