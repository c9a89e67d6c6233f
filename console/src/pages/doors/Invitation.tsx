import { Button, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconLinkOff, IconUsersPlus } from '@tabler/icons-react';
import { api } from '@/api/client';
import { leave } from '@/api/leave';
import { useSignedIn } from '@/api/session';
import { $api } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import { Door } from './Door';
import { useLetter } from './letter';

// Where the mail that invites into a team leads: who asks, into what, and the ways to accept.
export function Invitation() {
    const [token, forget] = useLetter('token');
    const signedIn = useSignedIn();
    const navigate = useNavigate();
    const me = $api.useQuery('get', '/v1/me', {}, { enabled: signedIn }).data?.user;
    const look = useQuery({
        queryKey: ['invitation', token],
        queryFn: async () => (await api.POST('/v1/invitations/look', { body: { token } })).data ?? null,
        enabled: token !== '',
    });
    const write = useWrite('/v1/me', '/v1/teams');
    const accept = async () => {
        const { data } = await api.POST('/v1/invitations/accept', { body: { token } });
        forget();
        await navigate({ to: `/teams/${data?.slug ?? ''}` });
    };
    if (!token) {
        return (
            <Door title="This link is not whole" mark={<IconLinkOff />} tone="warn" about="It carries no invitation. Open the link in the mail again, or ask for a new invitation.">
                <Button component="a" href="/" variant="default" fullWidth>
                    To the beginning
                </Button>
            </Door>
        );
    }
    if (look.error) {
        return (
            <Door title="An invitation" mark={<IconLinkOff />} tone="warn" more={<a href="/sign-in">To the sign-in</a>}>
                <Fault of={look.error} again={() => void look.refetch()} />
            </Door>
        );
    }
    const found = look.data;
    if (!found) {
        return (
            <Door title="An invitation">
                <Loader aria-label="Loading" />
            </Door>
        );
    }
    const other = me !== undefined && me !== null && me.email !== found.email;
    return (
        <Door
            title="An invitation"
            mark={<IconUsersPlus />}
            about={<>You are invited to <strong>{found.team_name}</strong> as {found.role}.</>}
            more={<>For {found.email}, until <When at={found.expires_at} /></>}
        >
            <Stack>
                <Text className="soft">By {found.invited_by}</Text>
                {write.fault && <Fault of={write.fault} />}
                {signedIn && !other && (
                    <Button loading={write.busy} onClick={() => void write.run(accept)}>
                        Accept
                    </Button>
                )}
                {signedIn && other && (
                    <>
                        <Text>
                            You are signed in as <strong>{me.email}</strong>, and this invitation is for another address.
                        </Text>
                        <Button variant="default" onClick={() => void leave()}>
                            Use another account
                        </Button>
                    </>
                )}
                {!signedIn && (
                    <>
                        <Button onClick={() => void navigate({ to: '/sign-up', search: { invitation: token, email: found.email } as never })}>Make an account</Button>
                        <Button variant="default" onClick={() => void navigate({ to: '/sign-in', search: { to: '/invitations' } as never })}>
                            Sign in
                        </Button>
                    </>
                )}
            </Stack>
        </Door>
    );
}
