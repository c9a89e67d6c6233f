import { Button } from '@mantine/core';
import { problem } from '@/api/problem';
import { Fault } from '@/parts/Fault';
import { Notice } from '@/parts/Notice';
import { Resend } from './Resend';

// Why somebody was not let in, and where there is a way on, the way.
export function Refused({ why, email, onSingleSignOn }: { why: unknown; email: string; onSingleSignOn: () => void }) {
    const { code, message } = problem(why);
    if (code === 'account_pending') {
        return (
            <>
                <Notice tone="warn" title={message}>
                    Open the link in the mail that you got, or have another one sent.
                </Notice>
                <Resend email={email} />
            </>
        );
    }
    if (code === 'sso_required') {
        return (
            <>
                <Notice tone="warn" title={message} />
                <Button variant="light" onClick={onSingleSignOn}>
                    Go on with single sign-on
                </Button>
            </>
        );
    }
    return <Fault of={why} />;
}
