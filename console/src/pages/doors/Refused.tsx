import { Button } from '@mantine/core';
import { problem } from '@/api/problem';
import { Fault } from '@/parts/Fault';
import { Notice } from '@/parts/Notice';
import { Resend } from './Resend';

// What the API would have programs do, as people do it here.
const ELSEWHERE: Record<string, string> = {
    email_unverified: 'Verify the address there and come again. Or sign in another way, and link that account under Security.',
    account_unverified: 'Sign in with its password and verify its address first; then link that account under Security.',
    sso_not_found: 'Check the address. Owners of a team set single sign-on up under Single sign-on, for domains that they have proven.',
};

// Why somebody was not let in, and where there is a way on, the way.
export function Refused({ why, email, onSingleSignOn }: { why: unknown; email: string; onSingleSignOn?: () => void }) {
    const { code, message } = problem(why);
    if (code === 'account_pending' && email) {
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
                {onSingleSignOn && (
                    <Button variant="light" onClick={onSingleSignOn}>
                        Go on with single sign-on
                    </Button>
                )}
            </>
        );
    }
    const elsewhere = ELSEWHERE[code];
    if (elsewhere) {
        return (
            <Notice tone="warn" title={message} urgent>
                {elsewhere}
            </Notice>
        );
    }
    return <Fault of={why} />;
}
