import { TextInput } from '@mantine/core';
import { IconSearch, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { Ends } from './Ends';
import { issuerName, tone, type Domain } from './names';

// Every domain of the team with its certificate.
export function Inventory({ team }: { team: string }) {
    const [wanted, setWanted] = useState('');
    const domains = $api.useInfiniteQuery(
        'get',
        '/v1/teams/{team}/domains',
        { params: { path: { team }, query: { limit: 50 } } },
        paged,
    );
    const projects = $api.useQuery('get', '/v1/projects', { params: { query: { team, limit: 100 } } }, { staleTime: 60_000 });
    const slugs = new Map(projects.data?.items.map(one => [one.id, one.slug]));
    const slug = (domain: Domain) => slugs.get(domain.project) ?? domain.project;
    const said = wanted.trim().toLowerCase();
    return (
        <Loaded query={domains}>
            {({ pages }) => {
                const all = pages.flatMap(page => page.items);
                const shown = all.filter(one => one.domain.includes(said) || slug(one).includes(said) || one.state.includes(said));
                return (
                    <Panel
                        title="Domains and certificates"
                        actions={all.length > 5 && <TextInput aria-label="Search among what is shown" placeholder="Search" leftSection={<IconSearch size={15} />} value={wanted} onChange={event => setWanted(event.currentTarget.value)} />}
                        flush
                    >
                        {all.length ? (
                            <Grid
                                name="Domains and certificates"
                                rows={shown}
                                keyOf={one => one.domain + one.project}
                                columns={[
                                    { label: 'Domain', shows: one => <Link to={`/projects/${slug(one)}/domains/${encodeURIComponent(one.domain)}`}>{one.domain}</Link> },
                                    { label: 'Project', shows: one => <Link to={`/projects/${slug(one)}/domains`}>{slug(one)}</Link> },
                                    { label: 'State', shows: one => <State of={one.state} tone={tone(one.state)} /> },
                                    { label: 'Certificate', shows: one => <Ends certificate={one.certificate} /> },
                                    { label: 'Issuer', shows: one => <span className="soft" title={one.certificate?.issuer}>{one.certificate?.issuer ? issuerName(one.certificate.issuer) : 'none yet'}</span> },
                                    { label: 'Renewal', shows: one => <span className="soft">{one.certificate ? (one.certificate.source === 'own' ? 'by you' : 'by itself') : ''}</span> },
                                ]}
                            />
                        ) : (
                            <Empty icon={<IconWorld />} title="No domains yet">
                                Domains belong to projects: open one, and add its names under Domains.
                            </Empty>
                        )}
                        {all.length > 0 && shown.length === 0 && <Empty title="Nothing fits">Nothing that is shown here has this in its name.</Empty>}
                        <More of={domains} />
                    </Panel>
                );
            }}
        </Loaded>
    );
}
