import { Checkbox, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { Notice } from '@/parts/Notice';
import { about, useWrite } from '@/parts/write';
import { companion } from './names';

type Pair = 'alone' | 'from' | 'to';

const ALONE = '';

// A name, where it leads, and whether its companion (www or the root) comes along.
export function AddDomain({ project, opened, onClose }: { project: string; opened: boolean; onClose: () => void }) {
    const [name, setName] = useState('');
    const [pair, setPair] = useState<Pair>('alone');
    const [redirect, setRedirect] = useState<string>(ALONE);
    const [elsewhere, setElsewhere] = useState(false);
    const write = useWrite('/v1/projects/{project}/domains', '/v1/teams/{team}/domains');
    const navigate = useNavigate();
    const others = $api.useQuery('get', '/v1/projects/{project}/domains', { params: { path: { project } } }, {
        enabled: opened,
        // One that leaves is waited for, and nothing tells of the moment in which it is gone.
        refetchInterval: query => (query.state.data?.items.some(one => one.state === 'removing') ? 2000 : false),
    });
    const domain = name.trim().toLowerCase();
    const other = companion(domain);
    const known = others.data?.items ?? [];
    const targets = known.filter(one => one.state !== 'removing' && one.redirect === null).map(one => one.domain).filter(one => !one.startsWith('*.') && one !== domain);
    const leaves = known.find(one => one.state === 'removing' && (one.domain === domain || (pair !== 'alone' && one.domain === other)))?.domain;

    const add = (which: string, to?: string) =>
        api.POST('/v1/projects/{project}/domains', { params: { path: { project } }, body: { domain: which, served_elsewhere: elsewhere, redirect: to ?? null } });
    const send = async () => {
        // What is refused because of the others is seen better with what they are now.
        await all().catch(error => others.refetch().then(() => Promise.reject(error)));
    };
    const all = async () => {
        const paired = other && pair !== 'alone';
        if (paired && pair === 'to') {
            // What others are sent to has to be there first.
            await add(other);
            await add(domain, other);
        } else {
            await add(domain, redirect || undefined);
            if (paired) {
                await add(other, domain);
            }
        }
        setName('');
        setPair('alone');
        setRedirect(ALONE);
        void navigate({ to: `/projects/${project}/domains/${encodeURIComponent(paired && pair === 'to' ? other : domain)}` });
    };
    return (
        <FormModal opened={opened} onClose={onClose} title="Add a domain" action="Add" write={write} send={send} disabled={!domain || leaves !== undefined}>
            <TextInput
                label="Domain"
                placeholder="www.example.com"
                description="Without https:// and without a path. A wildcard such as *.example.com stands for one level."
                value={name}
                onChange={event => setName(event.currentTarget.value)}
                error={about(write.fault, '/domain')}
                autoComplete="off"
                spellCheck={false}
                data-autofocus
            />
            {leaves && (
                <Notice tone="live" title={`${leaves} is still being taken off`}>
                    It can be added again in a moment, a few minutes at most. Leave this open: Add wakes up by itself.
                </Notice>
            )}
            {other && (
                <Radio.Group label={`And ${other}?`} value={pair} onChange={value => setPair(value as Pair)}>
                    <Stack gap="xs" mt="xs">
                        <Radio value="alone" label="Leave it out" />
                        <Radio value="from" label={`Add it too, and send its visitors to ${domain}`} />
                        <Radio value="to" label={`Add it too, and send visitors of ${domain} there`} />
                    </Stack>
                </Radio.Group>
            )}
            {targets.length > 0 && pair === 'alone' && (
                <Select
                    label="What it does"
                    data={[{ value: ALONE, label: 'Serves the site' }, ...targets.map(one => ({ value: one, label: `Redirects to ${one}` }))]}
                    value={redirect}
                    onChange={value => setRedirect(value ?? ALONE)}
                    allowDeselect={false}
                />
            )}
            <Checkbox
                checked={elsewhere}
                onChange={event => setElsewhere(event.currentTarget.checked)}
                label="Visitors are served somewhere else until everything is ready here"
                description="The certificate is made first; the CNAME moves last, and no visitor sees an error."
            />
        </FormModal>
    );
}
