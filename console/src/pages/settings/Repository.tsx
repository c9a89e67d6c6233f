import { Button, Group, Modal, Stack } from '@mantine/core';
import { IconBrandGit, IconPlugConnected, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/client';
import { problem } from '@/api/problem';
import { $api, stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import { Connect } from './Connect';
import { Facts } from './Facts';

type View = Schema<'RepositoryView'>;

const TOUCHED = ['/v1/projects'];

// The repository elsewhere that the project is deployed from, and the built-in remote where there is one.
export function Repository({ site }: { site: Schema<'ProjectView'> }) {
    const manages = useMay()('project.update');
    const path = { project: site.slug };
    const found = $api.useQuery('get', '/v1/projects/{project}/repository', { params: { path } }, { retry: false });
    const [connecting, setConnecting] = useState(false);
    const [shown, setShown] = useState<View | null>(null);
    const none = found.error !== null && found.data === undefined && problem(found.error).status === 404;
    return (
        <Panel title="Repository" about="Where pushes and pull requests come from.">
            <Stack>
                {site.git_url && (
                    <Facts rows={[['Built-in remote', <Copy key="url" text={site.git_url} what="the address of the built-in remote" />], ['To push', <Copy key="how" text={`git remote add clouddeck ${site.git_url}`} what="the command" />]]} />
                )}
                {none ? (
                    <Empty
                        icon={<IconBrandGit />}
                        title="No repository elsewhere"
                        action={
                            manages && (
                                <Button size="xs" leftSection={<IconPlugConnected size={15} />} onClick={() => setConnecting(true)}>
                                    Connect a repository
                                </Button>
                            )
                        }
                    >
                        Connect one at GitHub, GitLab, Bitbucket, CodeCommit or any git server, and its pushes are deployed.
                    </Empty>
                ) : (
                    <Loaded query={found} rows={3}>
                        {view => <Connected view={view} project={site.slug} manages={manages} onSecret={setShown} />}
                    </Loaded>
                )}
            </Stack>
            {connecting && <Connect project={site.slug} team={site.team} onClose={() => setConnecting(false)} onDone={setShown} />}
            <Once view={shown} onClose={() => setShown(null)} />
        </Panel>
    );
}

function Connected({ view, project, manages, onSecret }: { view: View; project: string; manages: boolean; onSecret: (view: View) => void }) {
    const path = { project };
    const write = useWrite(...TOUCHED);
    const [leaving, setLeaving] = useState(false);
    const secret = () =>
        write.run(async () => {
            const { data } = await api.POST('/v1/projects/{project}/repository/secret', { params: { path } });
            if (data?.webhook?.secret) {
                onSecret(data);
            } else {
                done('The host knows the new secret.');
            }
        });
    return (
        <Stack>
            {view.fault && (
                <Notice tone="bad" title="The host refuses">
                    {view.fault}
                </Notice>
            )}
            <Facts
                rows={[
                    ['Repository', <Copy key="url" text={view.url} what="the address of the repository" />],
                    ['State', <State key="state" of={view.state} />],
                    ['Branch', view.branch],
                    ['Opened by', view.credential.replaceAll('_', ' ')],
                    ['Webhook', view.webhook ? (view.webhook.automatic ? 'Made by us' : <Copy key="hook" text={view.webhook.url} what="the address of the webhook" />) : 'none'],
                    ['Last delivery', <When key="at" at={view.delivered_at} />],
                    ['Asked', <When key="asked" at={view.checked_at} />],
                    ...(view.deploy_key ? ([['Deploy key', <Copy key="key" text={view.deploy_key} what="the public deploy key" />]] as [string, ReactNode][]) : []),
                ]}
            />
            {write.fault && <Fault of={write.fault} />}
            {manages && (
                <Group gap="sm">
                    <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} loading={write.busy} onClick={() => void write.run(() => api.POST('/v1/projects/{project}/repository/check', { params: { path } }), 'The host was asked.')}>
                        Ask the host now
                    </Button>
                    {view.webhook && (
                        <Button size="xs" variant="default" onClick={() => void secret()}>
                            New webhook secret
                        </Button>
                    )}
                    <Button size="xs" variant="light" color="red" leftSection={<IconPlugConnectedX size={15} />} onClick={() => setLeaving(true)}>
                        Disconnect
                    </Button>
                </Group>
            )}
            <Confirm
                opened={leaving}
                onClose={() => setLeaving(false)}
                title="Disconnect the repository"
                action="Disconnect"
                onConfirm={async () => {
                    await api.DELETE('/v1/projects/{project}/repository', { params: { path } });
                    stale(...TOUCHED);
                    done('The repository is disconnected.');
                }}
            >
                Its pushes are not deployed any more. What was deployed from it stays.
            </Confirm>
        </Stack>
    );
}

// What is shown this one time: a secret for the webhook, a public key for the server.
function Once({ view, onClose }: { view: View | null; onClose: () => void }) {
    const webhook = view?.webhook;
    const opened = view !== null && (!!webhook?.secret || !!view.deploy_key);
    return (
        <Modal opened={opened} onClose={onClose} title="To be put into place at the server">
            <Stack>
                {webhook?.secret && (
                    <>
                        <div>Add a webhook there. The secret is shown this one time; one before it is good for another hour.</div>
                        <Facts rows={[['URL', <Copy key="url" text={webhook.url} what="the address of the webhook" />], ['Secret', <Copy key="secret" text={webhook.secret} what="the secret of the webhook" />]]} />
                    </>
                )}
                {view?.deploy_key && (
                    <>
                        <div>Add this key there as a deploy key; reading is enough. Then ask the host.</div>
                        <Copy text={view.deploy_key} what="the public deploy key" />
                    </>
                )}
                <Button onClick={onClose}>I have it</Button>
            </Stack>
        </Modal>
    );
}
