import { Anchor, Center, Skeleton, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import { Copy } from '@/parts/Copy';
import { Fault } from '@/parts/Fault';
import { FormModal } from '@/parts/FormModal';
import { about, useWrite } from '@/parts/write';
import { QrCode } from './QrCode';

// An app on a phone takes the key by its camera, and shows a code that proves it.
export function NewAuthenticator({ onClose, onDone }: { onClose: () => void; onDone: (codes: string[] | undefined) => void }) {
    const [made, setMade] = useState<{ secret: string; uri: string }>();
    const [fault, setFault] = useState<unknown>();
    const [code, setCode] = useState('');
    const write = useWrite('/v1/me');
    useEffect(() => {
        let over = false;
        api.POST('/v1/me/factors/totp').then(
            ({ data }) => !over && setMade(data),
            error => !over && setFault(error),
        );
        return () => {
            over = true;
        };
    }, []);
    const send = async () => {
        const { data } = await api.POST('/v1/me/factors/totp/confirm', { body: { code: code.trim() } });
        onDone(data?.recovery_codes);
    };
    return (
        <FormModal opened onClose={onClose} title="Add an authenticator" action="Confirm" write={write} send={send} disabled={!made || code.trim().length < 6}>
            {fault !== undefined && <Fault of={fault} />}
            <Text size="sm">Put this key into your authenticator, then type the code that it shows.</Text>
            <Center>{made ? <QrCode text={made.uri} /> : <Skeleton width={192} height={192} />}</Center>
            {made && (
                <>
                    <Copy text={made.secret} what="the key" />
                    <Anchor size="sm" href={made.uri}>
                        Open it in an app on this device
                    </Anchor>
                </>
            )}
            <TextInput label="Code" name="code" required inputMode="numeric" maxLength={6} autoComplete="one-time-code" value={code} error={about(write.fault, '/code')} onChange={event => setCode(event.currentTarget.value)} />
        </FormModal>
    );
}
