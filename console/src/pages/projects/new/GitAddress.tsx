import { PasswordInput, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Repository } from './plan';
import { nameOf } from './slug';

type Provider = 'github' | 'gitlab' | 'bitbucket' | 'codecommit' | 'git';

const PROVIDERS: { value: Provider; label: string }[] = [
    { value: 'github', label: 'GitHub' },
    { value: 'gitlab', label: 'GitLab' },
    { value: 'bitbucket', label: 'Bitbucket' },
    { value: 'codecommit', label: 'AWS CodeCommit' },
    { value: 'git', label: 'Another git server' },
];

// The kind of host that an address is known to be of.
function guess(url: string): Provider {
    const host = /^(?:https?:\/\/|ssh:\/\/)?(?:[^@/]+@)?([^/:]+)/.exec(url.trim())?.[1]?.toLowerCase() ?? '';
    if (host.startsWith('git-codecommit.')) {
        return 'codecommit';
    }
    return ({ 'github.com': 'github', 'gitlab.com': 'gitlab', 'bitbucket.org': 'bitbucket' } as const)[host] ?? 'git';
}

const overSsh = (url: string): boolean => /^(ssh:\/\/|[^/:@]+@[^/:]+:)/.test(url.trim());

// Any repository by its address, and what opens it.
export function GitAddress({ choose }: { choose: (repository: Repository | undefined) => void }) {
    const [url, setUrl] = useState('');
    const [provider, setProvider] = useState<Provider>();
    const [key, setKey] = useState<'none' | 'token' | 'deploy_key'>('none');
    const [token, setToken] = useState('');
    const [user, setUser] = useState('');

    const tell = (next: { url?: string; provider?: Provider; key?: typeof key; token?: string; user?: string }) => {
        const now = { url, provider, key, token, user, ...next };
        const asked: Repository['asked'] = { provider: now.provider ?? guess(now.url), url: now.url.trim() };
        if (now.key === 'token') {
            Object.assign(asked, { token: now.token, ...(now.user ? { user: now.user } : {}) });
        } else if (now.key === 'deploy_key') {
            asked.deploy_key = true;
        }
        const whole = asked.url !== '' && (now.key !== 'token' || now.token !== '');
        choose(whole ? { kind: 'repository', name: nameOf(now.url), asked } : undefined);
    };
    return (
        <Stack gap="sm">
            <TextInput
                label="Address of the repository"
                placeholder="https://git.example.org/ada/site.git"
                classNames={{ input: 'mono' }}
                value={url}
                onChange={event => {
                    const typed = event.currentTarget.value;
                    const opens = overSsh(typed) && key === 'none' ? 'deploy_key' : key;
                    setUrl(typed);
                    setKey(opens);
                    tell({ url: typed, key: opens });
                }}
                autoComplete="off"
                spellCheck={false}
            />
            <Select
                label="Kind of host"
                description="Found out from the address where it is a known one."
                data={PROVIDERS}
                value={provider ?? guess(url)}
                allowDeselect={false}
                onChange={value => {
                    setProvider(value as Provider);
                    tell({ provider: value as Provider });
                }}
            />
            <div>
                <Text size="sm" fw={500} id="opened-by">
                    Opened by
                </Text>
                <SegmentedControl
                    aria-labelledby="opened-by"
                    value={key}
                    onChange={value => {
                        setKey(value as typeof key);
                        tell({ key: value as typeof key });
                    }}
                    data={[
                        { value: 'none', label: 'Nothing, it is public' },
                        { value: 'token', label: 'A token' },
                        { value: 'deploy_key', label: 'A deploy key' },
                    ]}
                />
            </div>
            {key === 'token' && (
                <>
                    <PasswordInput
                        label="Token"
                        description="Kept sealed. It reads the repository and, where it may, makes the webhook."
                        value={token}
                        autoComplete="off"
                        onChange={event => {
                            setToken(event.currentTarget.value);
                            tell({ token: event.currentTarget.value });
                        }}
                        required
                    />
                    <TextInput
                        label="User"
                        description="Only for hosts that ask for one beside the token."
                        value={user}
                        autoComplete="off"
                        onChange={event => {
                            setUser(event.currentTarget.value);
                            tell({ user: event.currentTarget.value });
                        }}
                    />
                </>
            )}
            {key === 'deploy_key' && (
                <Text size="sm" className="soft">
                    A key is made for this project. Its public half is shown next; put it into place at the host, for reading.
                </Text>
            )}
        </Stack>
    );
}
