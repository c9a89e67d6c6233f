import { Stack } from '@mantine/core';
import { useLocation, useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { session } from '@/api/session';
import type { Schema } from '@/api/query';
import { Notice } from '@/parts/Notice';
import { Door } from './Door';
import { useEntered } from './entered';
import { useOffer } from './offer';
import { exchange, returned } from './pkce';
import { Refused } from './Refused';
import { refusal } from './refusals';
import { SecondFactor } from './SecondFactor';
import { Ways } from './Ways';
import { destination } from './wanted';

// The way in: password, passkey, providers, single sign-on, and the second factor after them. Providers send people back
// here with `?code=` or `?error=`.
export function SignIn() {
    const { searchStr } = useLocation();
    const query = new URLSearchParams(searchStr);
    const to = query.get('to') ?? '';
    const navigate = useNavigate();
    const router = useRouter();
    const [wanted, setWanted] = useState('');
    const enter = useEntered(to);
    const [challenge, setChallenge] = useState<Schema<'ChallengeView'> | null>(null);
    const [arriving, setArriving] = useState(query.has('code'));
    const [refused, setRefused] = useState('');
    const [fault, setFault] = useState<unknown>();
    const answered = (answer: Schema<'SignIn'> | undefined, there = wanted) => setChallenge(enter(answer, there));

    const once = useRef(false);
    useEffect(() => {
        const code = query.get('code');
        const error = query.get('error');
        if (once.current) {
            return;
        }
        once.current = true;
        if (code === null && error === null) {
            if (session()) {
                router.history.replace(destination(to, location.origin));
            }
            return;
        }
        const away = returned();
        setWanted(away.to);
        void navigate({ to: '.', search: { to: away.to || undefined }, replace: true } as never);
        if (error !== null) {
            setRefused(refusal(error));
            setArriving(false);
            return;
        }
        exchange(code ?? '', away)
            .then(answer => answered(answer, away.to), setFault)
            .finally(() => setArriving(false));
    });

    if (challenge) {
        return <SecondFactor challenge={challenge} onAnswer={answered} onOver={() => setChallenge(null)} />;
    }
    if (arriving) {
        return (
            <Door title="Signing you in">
                <p className="soft" role="status">
                    One moment.
                </p>
            </Door>
        );
    }
    return (
        <Door title="Sign in" about={to.startsWith('/invitations') ? 'Then you can accept the invitation.' : undefined} more={<NewHere />}>
            <Stack>
                {refused && (
                    <Notice tone="warn" title="Not signed in">
                        {refused}
                    </Notice>
                )}
                {fault !== undefined && <Refused why={fault} email="" />}
                <Ways to={wanted || to} onAnswer={answered} />
            </Stack>
        </Door>
    );
}

function NewHere() {
    const mode = useOffer().data?.sign_up;
    if (mode === undefined) {
        return null;
    }
    if (mode === 'invite') {
        return <>No account? Somebody who has one can invite you.</>;
    }
    return (
        <>
            New here? <a href="/sign-up">{mode === 'open' ? 'Make an account' : 'Ask for access'}</a>
        </>
    );
}
