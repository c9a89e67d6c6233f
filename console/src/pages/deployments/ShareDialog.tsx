import { Button, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Sheet } from '@/parts/Sheet';
import type { Deployment } from './deeds';

const DAY = 86_400;
const TIMES = [{ value: String(DAY / 24), label: 'an hour' }, { value: String(DAY), label: 'a day' }, { value: String(7 * DAY), label: '7 days' }, { value: String(30 * DAY), label: '30 days' }];

// A link to a deployment for somebody who is not in the team: its address where anybody may see it, else a share link.
export function ShareDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
    const access = $api.useQuery('get', '/v1/projects/{project}/access', { params: { path: { project: deployment.project } } });
    return (
        <Sheet opened onClose={onClose} title="Share this deployment">
            <Loaded query={access} rows={2}>
                {({ scope }) =>
                    scope === 'none' ? (
                        <Stack>
                            <Text size="sm">Whoever has this address can see it; nobody has to prove anything.</Text>
                            <Copy text={deployment.url} what="the address" />
                        </Stack>
                    ) : (
                        <Link deployment={deployment} />
                    )
                }
            </Loaded>
        </Sheet>
    );
}

function Link({ deployment }: { deployment: Deployment }) {
    const [seconds, setSeconds] = useState(String(7 * DAY));
    const [note, setNote] = useState('');
    const [made, setMade] = useState<string>();
    const [fault, setFault] = useState<unknown>();
    const [busy, setBusy] = useState(false);
    const make = async () => {
        setBusy(true);
        setFault(undefined);
        try {
            const body = { host: new URL(deployment.url).hostname, expires_in: Number(seconds), note, path: '/' };
            const { data } = await api.POST('/v1/projects/{project}/shares', { params: { path: { project: deployment.project } }, body });
            setMade(data?.url);
            stale('/v1/projects/{project}/shares');
        } catch (error) {
            setFault(error);
        } finally {
            setBusy(false);
        }
    };
    if (made) {
        return (
            <Notice tone="good" title="This link is shown once">
                <Copy text={made} what="the share link" />
            </Notice>
        );
    }
    return (
        <form
            onSubmit={event => {
                event.preventDefault();
                void make();
            }}
        >
            <Stack>
                <Text size="sm">The site is protected. A share link lets in whoever has it, at this deployment alone, until it ends or you take it back.</Text>
                <NativeSelect label="For how long" value={seconds} data={TIMES} onChange={event => setSeconds(event.currentTarget.value)} />
                <TextInput label="Whom it is for" description="So that you know later which link is which." value={note} maxLength={100} onChange={event => setNote(event.currentTarget.value)} />
                {fault !== undefined && <Fault of={fault} />}
                <Button type="submit" loading={busy}>
                    Make a link
                </Button>
            </Stack>
        </form>
    );
}
