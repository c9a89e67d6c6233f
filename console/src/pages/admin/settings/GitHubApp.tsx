import { Button, Group, PasswordInput, Stack, Textarea, TextInput } from '@mantine/core';
import { IconBrandGithub } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale, type Schema } from '@/api/query';
import { useMaybe } from '@/parts/absent';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';
import classes from './Settings.module.css';

// The App through which teams connect their repositories at GitHub.
export function GitHubApp() {
    const app = useMaybe('/v1/admin/git/github', '', 'git_app_not_found', () => api.GET('/v1/admin/git/github'));
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    const [form, setForm] = useState(false);
    const [gone, setGone] = useState(false);
    const remove = async () => {
        await api.DELETE('/v1/admin/git/github');
        stale('/v1/admin/git', '/v1/teams/{team}/git');
        done('The GitHub App is removed here.');
    };
    const begin = <Button onClick={() => setForm(true)}>Set up the App</Button>;
    return (
        <Panel title="GitHub App" about="One App for the whole installation; each team connects its own accounts.">
            <Loaded query={app}>
                {kept =>
                    kept ? (
                        <Stack>
                            <Facts of={kept} />
                            <Group>
                                <Button variant="default" onClick={() => setForm(true)}>
                                    Change
                                </Button>
                                <Button variant="subtle" color="red" onClick={() => setGone(true)}>
                                    Remove
                                </Button>
                            </Group>
                        </Stack>
                    ) : (
                        <>
                            <Empty icon={<IconBrandGithub />} title="No App is set up" action={begin}>
                                Make an App at GitHub under Settings, Developer settings, GitHub Apps, with this address to return to.
                            </Empty>
                            <Loaded query={meta} rows={1}>
                                {({ api: base }) => <Addresses callback={`${base}/v1/git/github/callback`} />}
                            </Loaded>
                        </>
                    )
                }
            </Loaded>
            {form && <Form kept={app.data ?? undefined} onClose={() => setForm(false)} />}
            <Confirm opened={gone} onClose={() => setGone(false)} title="Remove the GitHub App?" action="Remove" onConfirm={remove}>
                What was connected through it can be read no longer. At GitHub the App stays.
            </Confirm>
        </Panel>
    );
}

function Addresses({ callback }: { callback: string }) {
    return (
        <dl className={classes.values}>
            <dt className="soft">Callback URL</dt>
            <dd>
                <Copy text={callback} what="the callback URL" />
            </dd>
        </dl>
    );
}

function Facts({ of }: { of: Schema<'AppView'> }) {
    return (
        <dl className={classes.values}>
            <dt className="soft">App</dt>
            <dd>
                {of.slug} ({of.app_id})
            </dd>
            <dt className="soft">Host</dt>
            <dd className="mono">{of.base_url}</dd>
            <dt className="soft">Callback URL</dt>
            <dd>
                <Copy text={of.callback_url} what="the callback URL" />
            </dd>
            <dt className="soft">Webhook URL</dt>
            <dd>
                <Copy text={of.webhook_url} what="the webhook URL" />
            </dd>
            <dt className="soft">Changed</dt>
            <dd>
                <When at={of.updated_at} />
            </dd>
        </dl>
    );
}

function Form({ kept, onClose }: { kept: Schema<'AppView'> | undefined; onClose: () => void }) {
    const [app, setApp] = useState(kept?.app_id ?? '');
    const [client, setClient] = useState(kept?.client_id ?? '');
    const [key, setKey] = useState('');
    const [secret, setSecret] = useState('');
    const [hook, setHook] = useState('');
    const [base, setBase] = useState(kept?.base_url ?? '');
    const write = useWrite('/v1/admin/git');
    const send = () =>
        api.PUT('/v1/admin/git/github', {
            body: { app_id: app.trim(), client_id: client.trim(), private_key: key, client_secret: secret, webhook_secret: hook, ...(base.trim() ? { base_url: base.trim() } : {}) },
        });
    return (
        <FormModal opened onClose={onClose} title="GitHub App" action="Save" write={write} send={send} said="The GitHub App is set up.">
            <TextInput label="App ID" required data-autofocus inputMode="numeric" value={app} error={about(write.fault, '/app_id')} onChange={event => setApp(event.currentTarget.value)} />
            <TextInput label="Client ID" required value={client} error={about(write.fault, '/client_id')} onChange={event => setClient(event.currentTarget.value)} />
            <Textarea label="Private key" description="The PEM file that GitHub made. Sealed, and never shown again." required autosize minRows={3} maxRows={8} spellCheck={false} value={key} error={about(write.fault, '/private_key')} onChange={event => setKey(event.currentTarget.value)} />
            <PasswordInput label="Client secret" required autoComplete="off" value={secret} error={about(write.fault, '/client_secret')} onChange={event => setSecret(event.currentTarget.value)} />
            <PasswordInput label="Webhook secret" required autoComplete="off" value={hook} error={about(write.fault, '/webhook_secret')} onChange={event => setHook(event.currentTarget.value)} />
            <TextInput label="Host" description="A GitHub Enterprise Server; empty: github.com" type="url" value={base} error={about(write.fault, '/base_url')} onChange={event => setBase(event.currentTarget.value)} />
        </FormModal>
    );
}
