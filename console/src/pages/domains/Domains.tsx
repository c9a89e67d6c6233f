import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Sentence } from '@/parts/Notice';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { useNames, useProject } from '@/shell/where';
import { AddDomain } from './AddDomain';
import classes from './domains.module.css';
import { Ends } from './Ends';
import { found, tone, type Domain } from './names';

// The names under which visitors find the project.
export function Domains() {
    const { project } = useNames();
    const may = useMay();
    const site = useProject(project).data;
    const domains = $api.useQuery('get', '/v1/projects/{project}/domains', { params: { path: { project } } });
    const [adding, { open, close }] = useDisclosure();
    const add = may('domain.manage') && (
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
            Add domain
        </Button>
    );
    return (
        <Page title="Domains" about="Names of your own, each with a certificate that renews itself." actions={add}>
            {site && (
                <Panel title="Always there">
                    <a href={site.url} target="_blank" rel="noreferrer" className="mono">
                        {new URL(site.url).host}
                    </a>
                    <div className="soft">This address belongs to the project and needs no DNS of yours.</div>
                </Panel>
            )}
            <Panel title="Your domains" flush>
                <Loaded query={domains}>
                    {({ items }) =>
                        items.length ? (
                            <ul className={classes.list}>
                                {items.map(domain => (
                                    <Row key={domain.domain} domain={domain} project={project} />
                                ))}
                            </ul>
                        ) : (
                            <Empty icon={<IconWorld />} title="No domains yet" action={add}>
                                Add one, set the two DNS records that are shown then, and the rest happens by itself.
                            </Empty>
                        )
                    }
                </Loaded>
            </Panel>
            <AddDomain project={project} opened={adding} onClose={close} />
        </Page>
    );
}

function Row({ domain, project }: { domain: Domain; project: string }) {
    return (
        <li className={classes.row}>
            <div className={classes.what}>
                <Link to={`/projects/${project}/domains/${encodeURIComponent(domain.domain)}`} className={classes.name}>
                    {domain.domain}
                </Link>
                <div className="soft">{domain.redirect && domain.state === 'active' ? `Redirects to ${domain.redirect}` : <Sentence>{domain.state === 'conflict' || domain.state === 'failed' ? `${domain.reason} ${found(domain.detail)}` : domain.reason}</Sentence>}</div>
            </div>
            {domain.state !== 'removing' && <Ends certificate={domain.certificate} />}
            <State of={domain.state} tone={tone(domain.state)} />
        </li>
    );
}
