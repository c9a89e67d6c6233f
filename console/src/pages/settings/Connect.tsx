import { PasswordInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { problem } from '@/api/problem';
import { FormModal } from '@/parts/FormModal';
import { about, useWrite } from '@/parts/write';
import { kindOf } from './hosts';

const PROVIDERS = [{ value: 'github', label: 'GitHub' }, { value: 'gitlab', label: 'GitLab' }, { value: 'bitbucket', label: 'Bitbucket' }, { value: 'codecommit', label: 'AWS CodeCommit' }, { value: 'git', label: 'Another git server' }];

type Way = 'none' | 'token' | 'installation' | 'key';

const WAYS: Record<Way, string> = { none: 'Nothing: everybody may read it', token: 'A token', installation: 'The GitHub App', key: 'A deploy key over SSH' };

// `before` is what is connected now and cannot be read any more: it is let go for the same one with another key.
export function Connect({ project, team, before, onClose, onDone }: { project: string; team: string; before: Schema<'RepositoryView'> | null; onClose: () => void; onDone: (view: Schema<'RepositoryView'>) => void }) {
    const [url, setUrl] = useState(before?.url ?? '');
    const [chosen, setChosen] = useState<string | null>(before?.provider ?? null);
    const [way, setWay] = useState<Way>('token');
    const [token, setToken] = useState('');
    const [user, setUser] = useState('');
    const [installation, setInstallation] = useState('');
    const provider = chosen ?? kindOf(url);
    const accounts = $api.useQuery('get', '/v1/teams/{team}/git', { params: { path: { team } } }, { enabled: provider === 'github' });
    const write = useWrite('/v1/projects');
    const ways = (Object.keys(WAYS) as Way[]).filter(one => (one !== 'installation' || provider === 'github') && (one !== 'key' || provider === 'git'));
    const current = ways.includes(way) ? way : 'none';
    const letGo = async () => {
        try {
            await api.DELETE('/v1/projects/{project}/repository', { params: { path: { project } } });
        } catch (error) {
            // Let go already, by the first try of this form.
            if (problem(error).code !== 'repository_not_found') {
                throw error;
            }
        }
    };
    const send = async () => {
        if (before) {
            await letGo();
        }
        const { data } = await api.POST('/v1/projects/{project}/repository', {
            params: { path: { project } },
            body: {
                provider: provider as never, url: url.trim(), token: current === 'token' ? token.trim() : '', user: current === 'token' ? user.trim() : '',
                installation: current === 'installation' ? installation : '', deploy_key: current === 'key',
            },
        });
        setToken('');
        if (data) {
            onDone(data);
        }
    };
    return (
        <FormModal opened onClose={onClose} title={before ? 'Connect it anew' : 'Connect a repository'} action="Connect" write={write} send={send} said="The repository is connected; its default branch is deployed." disabled={!url.trim()}>
            <TextInput label="Address" placeholder="https://gitlab.com/acme/site" value={url} onChange={event => setUrl(event.currentTarget.value)} error={about(write.fault, '/url')} spellCheck={false} data-autofocus />
            <Select label="Kind of host" data={PROVIDERS} value={provider} allowDeselect={false} onChange={setChosen} error={about(write.fault, '/provider')} />
            {provider !== 'codecommit' && <Select label="Opened by" data={ways.map(one => ({ value: one, label: WAYS[one] }))} value={current} allowDeselect={false} onChange={one => setWay(one as Way)} />}
            {current === 'token' && (
                <>
                    <PasswordInput label="Token" description="Sealed, and never shown again. No build gets it." value={token} onChange={event => setToken(event.currentTarget.value)} error={about(write.fault, '/token')} autoComplete="off" />
                    <TextInput label="User (if the host wants one)" value={user} onChange={event => setUser(event.currentTarget.value)} error={about(write.fault, '/user')} autoComplete="off" />
                </>
            )}
            {current === 'installation' && (
                <Select label="Account at GitHub" description="Found by the owner of the repository when none is chosen" data={(accounts.data?.items ?? []).map(one => ({ value: one.id, label: one.account }))} value={installation || null} onChange={one => setInstallation(one ?? '')} error={about(write.fault, '/installation')} />
            )}
        </FormModal>
    );
}
