import { useLocation } from '@tanstack/react-router';
import { Skeleton, Stack } from '@mantine/core';
import { IconMailPlus } from '@tabler/icons-react';
import { Fault } from '@/parts/Fault';
import { AskForAccess } from './AskForAccess';
import { Door } from './Door';
import { useLetter } from './letter';
import { NewAccount } from './NewAccount';
import { useOffer } from './offer';

const BACK = (
    <>
        Have an account? <a href="/sign-in">Sign in</a>
    </>
);

// An account for somebody new, as this installation has it: for everybody, for the invited, or on request.
export function SignUp() {
    const offer = useOffer();
    const [invitation, used] = useLetter('invitation');
    const email = new URLSearchParams(useLocation().searchStr).get('email') ?? '';
    const mode = offer.data?.sign_up;
    if (!invitation && offer.error) {
        return (
            <Door title="Make an account" more={BACK}>
                <Fault of={offer.error} again={() => void offer.refetch()} />
            </Door>
        );
    }
    if (!invitation && mode === undefined) {
        return (
            <Door title="Make an account" more={BACK}>
                <Stack role="status" aria-busy="true" aria-label="Loading">
                    <Skeleton height={58} radius="md" />
                    <Skeleton height={58} radius="md" />
                    <Skeleton height={58} radius="md" />
                </Stack>
            </Door>
        );
    }
    if (invitation || mode === 'open') {
        return <NewAccount invitation={invitation} email={email} onDone={used} more={BACK} />;
    }
    if (mode === 'request') {
        return <AskForAccess more={BACK} />;
    }
    return (
        <Door title="By invitation" mark={<IconMailPlus />} about="This installation takes people who were invited." more={BACK}>
            Ask somebody who has an account to invite you into their team. The mail that you get leads back here, and your account is ready at once.
        </Door>
    );
}
