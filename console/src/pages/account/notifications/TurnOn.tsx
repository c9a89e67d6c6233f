import { Button, Group, Stack, Text } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useState } from 'react';
import { done, failed } from '@/parts/notices';
import { ability, subscribe, type Wishes as Wanted } from '@/push/subscription';
import { Unable } from './Unable';
import { Wishes } from './Wishes';

// The first choice at this browser; the browser itself asks for permission.
export function TurnOn({ events, onChanged }: { events: string[]; onChanged: () => void }) {
    const [chosen, setChosen] = useState({ events, teams: [] as string[] });
    const [busy, setBusy] = useState(false);
    const turnOn = async () => {
        setBusy(true);
        try {
            await subscribe(chosen as Wanted);
            done('Notifications are on at this browser.');
        } catch (error) {
            failed(error);
        } finally {
            setBusy(false);
            onChanged();
        }
    };
    const now = ability();
    if (now !== 'ready') {
        return <Unable why={now} />;
    }
    return (
        <Stack>
            <Text>
                Notifications are off here. Messages are encrypted for this browser: whoever carries them cannot read them.
            </Text>
            <Wishes events={events} value={chosen} onChange={setChosen} />
            <Group>
                <Button leftSection={<IconBell size={18} />} onClick={() => void turnOn()} loading={busy} disabled={chosen.events.length === 0}>
                    Turn on notifications
                </Button>
            </Group>
        </Stack>
    );
}
