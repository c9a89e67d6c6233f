import { Button } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { failed } from '@/parts/notices';

// The mail of a sign-up again, for those who lost it.
export function Resend({ email }: { email: string }) {
    const [state, setState] = useState<'' | 'busy' | 'sent'>('');
    const send = async () => {
        setState('busy');
        try {
            await api.POST('/v1/auth/verify/resend', { body: { email } });
            setState('sent');
        } catch (error) {
            setState('');
            failed(error);
        }
    };
    return state === 'sent' ? (
        <p className="soft" role="status" style={{ margin: 0 }}>
            If {email} waits for a mail, another one is on its way.
        </p>
    ) : (
        <Button variant="light" loading={state === 'busy'} onClick={() => void send()}>
            Send the mail again
        </Button>
    );
}
