import { Button, Group } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { done, failed } from '@/parts/notices';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';

type Invitation = Schema<'InvitationView'>;

// Who was asked to come and has not answered. Sending again makes the link of the mail before worthless.
export function Invitations({ team }: { team: string }) {
    const list = $api.useInfiniteQuery('get', '/v1/teams/{team}/invitations', { params: { path: { team }, query: { limit: 50 } } }, paged);
    const again = $api.useMutation('post', '/v1/teams/{team}/invitations', {
        onSuccess: sent => done(`A new mail is on its way to ${sent.email}; the link before it is worth nothing.`),
        onError: failed,
    });
    const [withdrawn, setWithdrawn] = useState<Invitation>();
    const withdraw = async () => {
        await api.DELETE('/v1/teams/{team}/invitations/{invitation}', { params: { path: { team, invitation: withdrawn?.id ?? '' } } });
        stale('/v1/teams/{team}/invitations');
        done('The invitation is withdrawn.');
    };
    return (
        <Panel title="Invitations" about="Good for 7 days, once, for the account of that address." flush>
            <Loaded query={list} rows={1}>
                {({ pages }) => {
                    const rows = pages.flatMap(page => page.items);
                    return rows.length === 0 ? (
                        <Empty icon={<IconMail />} title="No open invitations">
                            Whoever you invite gets a mail with a link, and joins with the role you choose.
                        </Empty>
                    ) : (
                        <Grid
                            name="Invitations"
                            rows={rows}
                            keyOf={one => one.id}
                            columns={[
                                { label: 'Address', shows: one => one.email },
                                { label: 'Role', shows: one => one.role },
                                { label: 'State', shows: one => <State of={one.state} /> },
                                { label: 'Sent', shows: one => <><When at={one.created_at} /> <span className="soft">by <Who id={one.invited_by} /></span></> },
                                { label: 'Ends', shows: one => <When at={one.expires_at} /> },
                                {
                                    label: 'What can be done',
                                    hidden: true,
                                    shows: one => (
                                        <Group gap="xs" justify="flex-end">
                                            <Button
                                                size="compact-sm"
                                                variant="default"
                                                loading={again.isPending && again.variables?.body.email === one.email}
                                                aria-label={`Send again to ${one.email}`}
                                                onClick={() => again.mutate({ params: { path: { team } }, body: { email: one.email, role: one.role as never } })}
                                            >
                                                Send again
                                            </Button>
                                            <Button size="compact-sm" variant="subtle" color="red" aria-label={`Withdraw the invitation to ${one.email}`} onClick={() => setWithdrawn(one)}>
                                                Withdraw
                                            </Button>
                                        </Group>
                                    ),
                                },
                            ]}
                        />
                    );
                }}
            </Loaded>
            <More of={list} />
            <Confirm opened={withdrawn !== undefined} onClose={() => setWithdrawn(undefined)} title="Withdraw this invitation?" action="Withdraw" onConfirm={withdraw}>
                The link that {withdrawn?.email} got is refused from now on.
            </Confirm>
        </Panel>
    );
}
