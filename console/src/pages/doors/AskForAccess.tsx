import { Button, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconMailFast } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/client';
import { Fault } from '@/parts/Fault';
import { about, useWrite } from '@/parts/write';
import { Door } from './Door';

const NOBODY = { name: '', email: '', organisation: '', reason: '' };
const LINES = [
    { field: 'name', label: 'Name', autoComplete: 'name' },
    { field: 'email', label: 'E-mail', autoComplete: 'email', type: 'email' },
    { field: 'organisation', label: 'Organisation', autoComplete: 'organization' },
] as const;

// Where those who run the installation decide about everybody.
export function AskForAccess({ more }: { more: ReactNode }) {
    const [asked, setAsked] = useState(NOBODY);
    const [sent, setSent] = useState(false);
    const write = useWrite();
    const send = async () => {
        await api.POST('/v1/access-requests', { body: asked });
        setSent(true);
    };
    if (sent) {
        return (
            <Door title="Asked" mark={<IconMailFast />} tone="good" more={more}>
                <Text>
                    Somebody will look at it. If they let you in, <strong>{asked.email}</strong> gets a mail with which you make your account.
                </Text>
            </Door>
        );
    }
    return (
        <Door title="Ask for access" about="People of this installation look at every request." more={more}>
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void write.run(send);
                }}
            >
                <Stack gap="sm">
                    {write.fault && <Fault of={write.fault} />}
                    {LINES.map(({ field, ...line }, index) => (
                        <TextInput
                            key={field}
                            {...line}
                            name={field}
                            required
                            autoFocus={index === 0}
                            value={asked[field]}
                            error={about(write.fault, `/${field}`)}
                            onChange={event => setAsked({ ...asked, [field]: event.currentTarget.value })}
                        />
                    ))}
                    <Textarea
                        label="Why"
                        name="reason"
                        description="What you would like to publish, in a sentence or two."
                        required
                        autosize={false}
                        rows={4}
                        maxLength={2000}
                        value={asked.reason}
                        error={about(write.fault, '/reason')}
                        onChange={event => setAsked({ ...asked, reason: event.currentTarget.value })}
                    />
                    <Button type="submit" mt="xs" loading={write.busy}>
                        Ask
                    </Button>
                </Stack>
            </form>
        </Door>
    );
}
