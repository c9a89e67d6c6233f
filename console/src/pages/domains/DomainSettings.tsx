import { Select } from '@mantine/core';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { useDraft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { SaveBar } from '@/parts/SaveBar';
import type { Domain } from './names';

const DAY = 86_400;
const LENGTHS = [[0, 'Off'], [300, '5 minutes (to try it)'], [30 * DAY, '30 days'], [180 * DAY, '180 days'], [365 * DAY, '1 year'], [730 * DAY, '2 years']] as const;

// How the domain answers: redirect, plain HTTP, HSTS, the oldest TLS.
export function DomainSettings({ view, project }: { view: Domain; project: string }) {
    const draft = useDraft({ redirect: view.redirect, https: view.https, hsts_seconds: view.hsts_seconds, tls: view.tls });
    const others = $api.useQuery('get', '/v1/projects/{project}/domains', { params: { path: { project } } });
    // A redirect leads to a domain that shows the site itself, and stays.
    const answers = (others.data?.items ?? []).filter(one => one.redirect === null && one.state !== 'removing' && !one.domain.startsWith('*.'));
    const targets = [...new Set([...answers.map(one => one.domain), ...(view.redirect ? [view.redirect] : [])])].filter(one => one !== view.domain);
    const { value } = draft;
    const lengths = LENGTHS.some(([seconds]) => seconds === value.hsts_seconds) ? LENGTHS : [...LENGTHS, [value.hsts_seconds, `${value.hsts_seconds} seconds`] as const];
    const save = () => api.PATCH('/v1/projects/{project}/domains/{domain}', { params: { path: { project, domain: view.domain } }, body: value });
    return (
        <Panel title="How it answers">
            <div className="columns">
                <Select
                    label="Visitors"
                    description="Path and query go along"
                    data={[{ value: '', label: 'See the site' }, ...targets.map(one => ({ value: one, label: `Go to ${one}` }))]}
                    value={value.redirect ?? ''}
                    allowDeselect={false}
                    onChange={one => draft.change({ ...value, redirect: one || null })}
                />
                <Select
                    label="Plain HTTP"
                    description="What http:// addresses do"
                    data={[{ value: 'redirect', label: 'Is redirected to HTTPS' }, { value: 'both', label: 'Is answered too' }]}
                    value={value.https}
                    allowDeselect={false}
                    onChange={one => draft.change({ ...value, https: one as 'redirect' | 'both' })}
                />
                <Select
                    label="HSTS"
                    description="For how long browsers insist on HTTPS"
                    data={lengths.map(([seconds, label]) => ({ value: String(seconds), label }))}
                    value={String(value.hsts_seconds)}
                    allowDeselect={false}
                    onChange={one => draft.change({ ...value, hsts_seconds: Number(one) })}
                />
                <Select
                    label="Oldest TLS"
                    description="1.3 keeps out very old browsers"
                    data={[{ value: '1.2', label: 'TLS 1.2' }, { value: '1.3', label: 'TLS 1.3' }]}
                    value={value.tls}
                    allowDeselect={false}
                    onChange={one => draft.change({ ...value, tls: one as '1.2' | '1.3' })}
                />
            </div>
            <SaveBar draft={draft} save={save} touches={['/v1/projects/{project}/domains']} />
        </Panel>
    );
}
