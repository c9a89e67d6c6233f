import { Button, Group, Stack } from '@mantine/core';
import { IconBrandGit, IconPlugConnected, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { useMaybe } from '@/parts/absent';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { Sheet } from '@/parts/Sheet';
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
    const found = useMaybe('/v1/projects/{project}/repository', site.slug, 'repository_not_found', () => api.GET('/v1/projects/{project}/repository', { params: { path } }));
    const [connecting, setConnecting] = useState<View | 'new' | null>(null);
    const [shown, setShown] = useState<View | null>(null);
    return (
        <Panel title="Repository" about="Where pushes and pull requests come from.">
            <Stack>
                {site.git_url && (
                    <Facts rows={[['Built-in remote', <Copy key="url" text={site.git_url} what="the address of the built-in remote" />], ['To push', <Copy key="how" text={`git remote add clouddeck ${site.git_url}`} what="the command" />]]} />
                )}
                {found.data === null ? (
                    <Empty
                        icon={<IconBrandGit />}
                        title="No repository elsewhere"
                        action={
                            manages && (
                                <Button size="xs" leftSection={<IconPlugConnected size={15} />} onClick={() => setConnecting('new')}>
                                    Connect a repository
                                </Button>
                            )
                        }
                    >
                        Connect one at GitHub, GitLab, Bitbucket, CodeCommit or any git server, and its pushes are deployed.
                    </Empty>
                ) : (
                    <Loaded query={found} rows={3}>
                        {view => view && <Connected view={view} project={site.slug} manages={manages} onSecret={setShown} onAnew={() => setConnecting(view)} />}
                    </Loaded>
                )}
            </Stack>
            {connecting && <Connect project={site.slug} team={site.team} before={connecting === 'new' ? null : connecting} onClose={() => setConnecting(null)} onDone={setShown} />}
            <Once view={shown} onClose={() => setShown(null)} />
        </Panel>
    );
}

const STATES: Record<string, string> = { ok: 'connected', waiting: 'waits for the key', broken: 'broken' };
const OPENED: Record<string, string> = { app: 'The GitHub App', token: 'A token', ssh: 'A deploy key over SSH', '': 'Nothing: everybody may read it' };

function Connected({ view, project, manages, onSecret, onAnew }: { view: View; project: string; manages: boolean; onSecret: (view: View) => void; onAnew: () => void }) {
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
                <Notice tone={view.state === 'waiting' ? 'warn' : 'bad'} title={view.state === 'waiting' ? 'The key does not open it yet' : 'The repository cannot be read'}>
                    <p>{view.fault.replace(/^\w+: /, '')}</p>
                    {view.state === 'broken' && <p>Pushes are not deployed until this is put right. What is live stays.</p>}
                    {manages && view.state === 'broken' && (
                        <Button size="xs" variant="default" mt="xs" onClick={onAnew}>
                            Connect it anew
                        </Button>
                    )}
                </Notice>
            )}
            <Facts
                rows={[
                    ['Repository', <Copy key="url" text={view.url} what="the address of the repository" />],
                    ['State', <State key="state" of={STATES[view.state] ?? view.state} tone={view.state === 'ok' ? 'good' : view.state === 'broken' ? 'bad' : 'warn'} />],
                    ['Branch', view.branch || 'not known yet'],
                    ['Opened by', OPENED[view.credential] ?? view.credential],
                    ['Webhook', view.webhook ? (view.webhook.automatic ? 'Made by us' : <Copy key="hook" text={view.webhook.url} what="the address of the webhook" />) : 'None: the host tells us by itself'],
                    ['Last delivery', <When key="at" at={view.delivered_at} />],
                    ['Asked last', <When key="asked" at={view.checked_at} />],
                    ...(view.deploy_key ? ([['Deploy key', <Copy whole key="key" text={view.deploy_key} what="the public deploy key" />]] as [string, ReactNode][]) : []),
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
        <Sheet opened={opened} onClose={onClose} title="To be put into place at the server" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
            <Stack>
                {webhook?.secret && (
                    <>
                        <div>Add a webhook there. The secret is shown this one time; one before it is good for another hour.</div>
                        <Facts rows={[['URL', <Copy whole key="url" text={webhook.url} what="the address of the webhook" />], ['Secret', <Copy whole key="secret" text={webhook.secret} what="the secret of the webhook" />]]} />
                    </>
                )}
                {view?.deploy_key && (
                    <>
                        <div>Add this key there as a deploy key; reading is enough. Then ask the host.</div>
                        <Copy whole text={view.deploy_key} what="the public deploy key" />
                    </>
                )}
                <Button onClick={onClose}>I have it</Button>
            </Stack>
        </Sheet>
    );
}
