import { Button } from '@mantine/core';
import { IconBrandGithub } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Empty } from '@/parts/Empty';
import { Fault } from '@/parts/Fault';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useWrite } from '@/parts/write';
import { brought } from '../../projects/new/brought';

// The accounts at GitHub whose repositories the team can deploy.
export function GitAccounts({ team, manages }: { team: string; manages: boolean }) {
    const list = $api.useQuery('get', '/v1/teams/{team}/git', { params: { path: { team } } });
    const [gone, setGone] = useState<Schema<'InstallationView'>>();
    const write = useWrite('/v1/teams/{team}/git');
    const once = useRef(false);
    const navigate = useNavigate();
    const { run } = write;
    useEffect(() => {
        const visitor = once.current ? undefined : brought();
        once.current = true;
        if (visitor) {
            void navigate({ to: '.', search: {} as never, replace: true });
            void run(() => api.POST('/v1/teams/{team}/git/github', { params: { path: { team } }, body: visitor }), 'The account is connected.');
        }
    });
    const connect = () =>
        write.run(async () => {
            const { data } = await api.POST('/v1/teams/{team}/git/github/start', { params: { path: { team } }, body: { return_to: `${location.origin}/teams/${team}/settings` } });
            if (data) {
                location.assign(data.url);
            }
        });
    const release = async () => {
        await api.DELETE('/v1/teams/{team}/git/{installation}', { params: { path: { team, installation: gone?.id ?? '' } } });
        stale('/v1/teams/{team}/git');
        done('The account is disconnected.');
    };
    const begin = manages && (
        <Button size="xs" variant="default" leftSection={<IconBrandGithub size={15} />} loading={write.busy} onClick={() => void connect()}>
            Connect an account
        </Button>
    );
    return (
        <Panel title="GitHub" about="Accounts whose repositories the team can deploy." actions={begin} flush>
            {write.fault && <Fault of={write.fault} />}
            <Loaded query={list} rows={1}>
                {({ items }) =>
                    items.length === 0 ? (
                        <Empty icon={<IconBrandGithub />} title="No accounts">
                            Connected through the installation's GitHub App, repositories need no token of anybody.
                        </Empty>
                    ) : (
                        <Grid
                            name="Accounts at GitHub"
                            rows={items}
                            keyOf={one => one.id}
                            columns={[
                                { label: 'Account', shows: one => <strong>{one.account}</strong> },
                                { label: 'Connected', shows: one => <><When at={one.connected_at} /> <span className="soft">by <Who id={one.connected_by} /></span></> },
                                {
                                    label: 'What can be done',
                                    hidden: true,
                                    shows: one =>
                                        manages && (
                                            <Button size="compact-sm" variant="subtle" color="red" aria-label={`Disconnect ${one.account}`} onClick={() => setGone(one)}>
                                                Disconnect
                                            </Button>
                                        ),
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
            <Confirm opened={gone !== undefined} onClose={() => setGone(undefined)} title={`Disconnect ${gone?.account}?`} action="Disconnect" onConfirm={release}>
                Its repositories can be read no longer through it. At GitHub the App stays installed; remove it there.
            </Confirm>
        </Panel>
    );
}
