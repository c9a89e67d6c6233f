import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconDeviceLaptop, IconDeviceLaptopOff, IconTerminal2 } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { useSignedIn } from '@/api/session';
import { Fault } from '@/parts/Fault';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import { SignInFirst } from '@/shell/Onward';
import { StepUp } from '@/shell/StepUp';
import { Door } from './Door';
import { useLetter } from './letter';

type Verb = 'approve' | 'deny';

// A device without a browser shows a code; here somebody says whether it is theirs (RFC 8628).
export function Device() {
    const signedIn = useSignedIn();
    const [given, forget] = useLetter('code');
    const [typed, setTyped] = useState('');
    const [code, setCode] = useState(given);
    const [decided, setDecided] = useState<Verb>();
    if (!signedIn) {
        return <SignInFirst back="/device" />;
    }
    if (decided) {
        return (
            <Door
                title={decided === 'approve' ? 'Signed in' : 'Refused'}
                mark={decided === 'approve' ? <IconDeviceLaptop /> : <IconDeviceLaptopOff />}
                tone={decided === 'approve' ? 'good' : 'warn'}
                about={decided === 'approve' ? 'The device is signed in; go back to it.' : 'The device was refused. It cannot act as you.'}
                more={<a href="/account/security">Your sessions</a>}
            />
        );
    }
    if (code) {
        const decide = (verb: Verb) => {
            forget();
            setDecided(verb);
        };
        const back = () => {
            forget();
            setCode('');
        };
        return <Decide code={code} onDecided={decide} onBack={back} />;
    }
    return (
        <Door title="Sign a device in" mark={<IconTerminal2 />} about="Type the code that your terminal or device shows.">
            <form
                onSubmit={event => {
                    event.preventDefault();
                    setCode(typed.trim());
                }}
            >
                <Stack>
                    <TextInput
                        label="Code on the device"
                        name="code"
                        required
                        autoFocus
                        size="md"
                        placeholder="BCDF-GHJK"
                        maxLength={12}
                        autoComplete="off"
                        autoCapitalize="characters"
                        spellCheck={false}
                        classNames={{ input: 'mono' }}
                        value={typed}
                        onChange={event => setTyped(event.currentTarget.value.toUpperCase())}
                    />
                    <Button type="submit" size="md">
                        Go on
                    </Button>
                </Stack>
            </form>
        </Door>
    );
}

function Decide({ code, onDecided, onBack }: { code: string; onDecided: (verb: Verb) => void; onBack: () => void }) {
    const path = { user_code: code };
    const look = useQuery({
        queryKey: ['device', code],
        queryFn: async () => (await api.GET('/v1/me/device/{user_code}', { params: { path } })).data ?? null,
    });
    const write = useWrite('/v1/me/sessions');
    const [verb, setVerb] = useState<Verb>('approve');
    const decide = async (asked: Verb) => {
        setVerb(asked);
        const sent = () => (asked === 'approve' ? api.POST('/v1/me/device/{user_code}/approve', { params: { path } }) : api.POST('/v1/me/device/{user_code}/deny', { params: { path } }));
        if (await write.run(sent)) {
            onDecided(asked);
        }
    };
    const found = look.data;
    const other = (
        <Button variant="subtle" size="compact-sm" onClick={onBack}>
            Type another code
        </Button>
    );
    if (!found) {
        return (
            <Door title="Sign a device in?" more={other}>
                {look.error ? <Fault of={look.error} again={() => void look.refetch()} /> : <Text role="status">Looking for {code}.</Text>}
            </Door>
        );
    }
    return (
        <Door title="Sign a device in?" mark={<IconDeviceLaptop />} more={other}>
            <Stack>
                <Text>
                    <strong>{found.name}</strong> asks to act as you. Go on only if you started it, and it shows this code:
                </Text>
                <Text className="mono" fz="1.7rem" fw={600} ta="center" lts="0.06em">
                    {found.user_code}
                </Text>
                <Text className="soft" size="sm">
                    From {found.ip}, asked <When at={found.created_at} />
                </Text>
                {write.fault && <Fault of={write.fault} />}
                <Group grow>
                    <Button loading={write.busy && verb === 'approve'} disabled={write.busy} onClick={() => void decide('approve')}>
                        Sign it in
                    </Button>
                    <Button variant="default" loading={write.busy && verb === 'deny'} disabled={write.busy} onClick={() => void decide('deny')}>
                        Refuse
                    </Button>
                </Group>
            </Stack>
            <StepUp />
        </Door>
    );
}
