import { Button, Group, Stack } from '@mantine/core';
import { IconBellRinging } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { done, failed } from '@/parts/notices';
import { tell, unsubscribe, type Wishes as Wanted } from '@/push/subscription';
import { tried } from './tried';
import { Wishes } from './Wishes';

type Busy = '' | 'save' | 'test' | 'off';

// What this browser is told of, a message to try it, and the way out.
export function Choice({ browser, events, subscription, onChanged }: {
    browser: Schema<'BrowserView'>;
    events: string[];
    subscription: PushSubscription;
    onChanged: () => void;
}) {
    const [chosen, setChosen] = useState({ events: browser.events, teams: browser.teams });
    const [busy, setBusy] = useState<Busy>('');
    useEffect(() => setChosen({ events: browser.events, teams: browser.teams }), [browser]);
    const same = String(chosen.events) === String(browser.events) && String(chosen.teams) === String(browser.teams);

    const carry = async (what: Busy, work: () => Promise<unknown>) => {
        setBusy(what);
        try {
            await work();
        } catch (error) {
            failed(error);
        } finally {
            setBusy('');
            onChanged();
        }
    };
    const save = async () => {
        await tell(subscription, chosen as Wanted);
        done('Saved.');
    };
    const off = async () => {
        await unsubscribe();
        await api.DELETE('/v1/me/push/{browser}', { params: { path: { browser: browser.id } } });
        done('This browser is told nothing more.');
    };
    return (
        <Stack>
            <Wishes events={events} value={chosen} onChange={setChosen} />
            <Group gap="sm">
                <Button onClick={() => void carry('save', save)} loading={busy === 'save'} disabled={same || chosen.events.length === 0}>
                    Save
                </Button>
                <Button variant="default" leftSection={<IconBellRinging size={18} />} onClick={() => void carry('test', () => tried(browser.id))} loading={busy === 'test'}>
                    Send a test message
                </Button>
                <Button variant="subtle" color="red" onClick={() => void carry('off', off)} loading={busy === 'off'}>
                    Turn off here
                </Button>
            </Group>
        </Stack>
    );
}
