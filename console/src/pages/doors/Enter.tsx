import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { IconLinkOff, IconLock, IconLockOpen } from '@tabler/icons-react';
import { useEffect } from 'react';
import { api } from '@/api/client';
import { problem } from '@/api/problem';
import { $api } from '@/api/query';
import { leave } from '@/api/leave';
import { useSignedIn } from '@/api/session';
import { Fault } from '@/parts/Fault';
import { SignInFirst } from '@/shell/Onward';
import { Door } from './Door';

// The door of a protected site: whoever is signed in and of its team is sent back there, by an address of the API.
export function Enter() {
    const signedIn = useSignedIn();
    const { href, searchStr } = useLocation();
    const query = new URLSearchParams(searchStr);
    const host = query.get('host') ?? '';
    const to = query.get('to') ?? '/';
    const navigate = useNavigate();
    const me = $api.useQuery('get', '/v1/me', {}, { enabled: signedIn }).data?.user;
    const asked = useQuery({
        queryKey: ['access', host, to],
        queryFn: async () => (await api.POST('/v1/me/access', { body: { host, to } })).data ?? null,
        enabled: signedIn && host !== '',
        retry: (count, error) => problem(error).passing && count < 3,
        gcTime: 0,
    });
    const url = asked.data?.url;
    useEffect(() => {
        if (url) {
            location.replace(url);
        }
    }, [url]);
    if (!host) {
        return (
            <Door title="This link is not whole" mark={<IconLinkOff />} tone="warn" about="It names no site. Open the address of the site again; it leads back here." />
        );
    }
    if (!signedIn) {
        return <SignInFirst />;
    }
    if (!asked.error) {
        return <Door title={`Opening ${host}`} mark={<IconLockOpen />} about="One moment." />;
    }
    if (problem(asked.error).code !== 'site_not_found') {
        return (
            <Door title={host} mark={<IconLock />} tone="warn">
                <Fault of={asked.error} again={() => void asked.refetch()} />
            </Door>
        );
    }
    const other = async () => {
        await leave();
        await navigate({ to: '/sign-in', search: { to: href } as never });
    };
    return (
        <Door title="Not for this account" mark={<IconLock />} tone="warn">
            <Stack>
                <Text>
                    <strong>{host}</strong> is protected, and {me?.email ?? 'this account'} is not of its team.
                </Text>
                <Text className="soft">{problem(asked.error).hint || 'Ask somebody of the team to invite you, or for a share link.'}</Text>
                <Button onClick={() => void other()}>Use another account</Button>
            </Stack>
        </Door>
    );
}
