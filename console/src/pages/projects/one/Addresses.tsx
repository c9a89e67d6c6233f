import { Link } from '@tanstack/react-router';
import { $api, type Schema } from '@/api/query';
import { Address } from '@/pages/deployments/Address';
import { State, type Tone } from '@/parts/State';
import classes from './one.module.css';

const MOST = 3;

type Domain = Schema<'DomainsDomainView'>;

const BAD = new Set<Domain['state']>(['misconfigured', 'conflict', 'failed']);
const feels = (domain: Domain): Tone => (BAD.has(domain.state) ? 'bad' : 'warn');

// Where visitors find the site: domains that work before its own address, and what is still missing of the others.
export function Addresses({ project }: { project: Schema<'ProjectView'> }) {
    const path = { project: project.slug };
    const domains = $api.useQuery('get', '/v1/projects/{project}/domains', { params: { path } }, { staleTime: 30_000 });
    const all = domains.data?.items ?? [];
    const works = all.filter(one => one.state === 'active' && !one.redirect);
    const rest = all.filter(one => one.state !== 'active');
    const shown = [...works.map(one => `https://${one.domain}`), project.url];
    return (
        <div className={classes.addresses}>
            {shown.slice(0, MOST).map((url, index) => (
                <div key={url} className={index ? classes.second : classes.address}>
                    <Address url={url} />
                </div>
            ))}
            {rest.slice(0, MOST).map(one => (
                <div key={one.domain} className={classes.second}>
                    <Link to="/projects/$project/domains/$domain" params={{ ...path, domain: one.domain }} className="clip">{one.domain}</Link>
                    <State of={one.state} tone={feels(one)} />
                </div>
            ))}
            {(all.length === 0 || shown.length > MOST || rest.length > MOST) && (
                <Link to="/projects/$project/domains" params={path} className={classes.more}>
                    {all.length ? `All ${all.length} domains` : 'Add a domain of your own'}
                </Link>
            )}
        </div>
    );
}
