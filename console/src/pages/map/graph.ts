import type { Schema } from '@/api/query';
import type { Tone } from '@/parts/State';

// What a request meets on its way, as nodes in columns and the ways between them. Pure: it is made of what the API says.

export type Kind = 'visitors' | 'edge' | 'host' | 'rules' | 'deployment' | 'backend' | 'store' | 'project';

export interface Node {
    id: string;
    kind: Kind;
    label: string;
    detail: string;
    tone: Tone;
    column: number;
    to?: string;
    url?: string;
    perMinute?: number;
    errors?: number;
}

export interface Link {
    from: string;
    to: string;
    // How wide the way is drawn, 0 to 1: the share of what leaves `from`.
    share: number;
    perMinute: number;
    label?: string;
    broken?: boolean;
}

export interface Graph {
    nodes: Node[];
    links: Link[];
}

export interface Flow {
    requests: number;
    errors: number;
}

export interface Facts {
    project: Schema<'ProjectView'>;
    pointer: Schema<'PointerView'> | undefined;
    domains: Schema<'DomainsDomainView'>[];
    aliases: Schema<'AliasView'>[];
    origins: Schema<'ProtectionOriginView'>[];
    rules: number;
    cloud: string;
    // Requests in a minute, of every deployment that had any.
    flow: Record<string, Flow>;
    previews: Flow;
}

const MOST_PREVIEWS = 6;
const QUIET: Flow = { requests: 0, errors: 0 };

export const hostOf = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

export const perMinute = (many: number): string => `${many.toLocaleString('en', { maximumFractionDigits: many < 10 ? 1 : 0 })}/min`;

const rate = (perMinute: number): string => (perMinute ? `${perMinute.toLocaleString('en', { maximumFractionDigits: 1 })} requests a minute` : 'nobody right now');

const domainTone = (state: string): Tone => (state === 'active' ? 'good' : ['misconfigured', 'conflict', 'failed'].includes(state) ? 'bad' : 'warn');

export function projectGraph({ project, pointer, domains, aliases, origins, rules, cloud, flow, previews }: Facts): Graph {
    const nodes: Node[] = [];
    const links: Link[] = [];
    const site = `/projects/${project.slug}`;
    const live = Object.values(flow).reduce((sum, one) => ({ requests: sum.requests + one.requests, errors: sum.errors + one.errors }), QUIET);
    const all = live.requests + previews.requests;
    const shownPreviews = aliases.slice(0, MOST_PREVIEWS);

    nodes.push({ id: 'visitors', kind: 'visitors', label: 'Visitors', detail: rate(all), tone: all ? 'live' : 'idle', column: 0, to: `${site}/traffic`, perMinute: all });
    nodes.push({
        id: 'edge', kind: 'edge', label: cloud === 'local' ? 'Edge of this computer' : 'CloudFront', column: 1, to: `${site}/traffic`,
        detail: cloud === 'local' ? 'one place, its own copy of routes and files' : 'every region, its own copy of routes and files', tone: 'good', perMinute: all,
    });
    links.push({ from: 'visitors', to: 'edge', share: 1, perMinute: all });

    const production = hostOf(project.url);
    nodes.push({ id: 'host', kind: 'host', label: production, detail: 'production address', tone: pointer?.deployment ? 'good' : 'idle', column: 2, url: project.url, to: site });
    const open = domains.filter(domain => domain.state === 'active');
    const share = 1 / (1 + open.length);
    links.push({ from: 'edge', to: 'host', share: live.requests ? share : 0, perMinute: live.requests * share });
    for (const domain of domains) {
        const id = `domain:${domain.domain}`;
        const active = domain.state === 'active';
        nodes.push({
            id, kind: 'host', label: domain.domain, column: 2, tone: domainTone(domain.state), to: `${site}/domains/${domain.domain}`, url: active ? `https://${domain.domain}` : undefined,
            detail: domain.redirect ? `sends on to ${domain.redirect}` : domain.detail || domain.state.replaceAll('_', ' '),
        });
        links.push({ from: 'edge', to: id, share: active && live.requests ? share : 0, perMinute: active ? live.requests * share : 0, broken: !active });
    }

    if (rules) {
        nodes.push({ id: 'rules', kind: 'rules', label: `${rules.toLocaleString('en')} ${rules === 1 ? 'rule' : 'rules'}`, detail: 'redirects, rewrites, headers, proxies', tone: 'good', column: 3, to: `${site}/rules` });
        for (const node of nodes.filter(one => one.column === 2)) {
            links.push({ from: node.id, to: 'rules', share: 1, perMinute: links.find(link => link.to === node.id)?.perMinute ?? 0, broken: links.find(link => link.to === node.id)?.broken });
        }
    }
    const doors = rules ? ['rules'] : nodes.filter(one => one.column === 2).map(one => one.id);

    const versions: [string, string, number][] = [];
    if (pointer?.deployment) {
        versions.push([pointer.deployment, pointer.pinned ? 'production, pinned' : 'production', 1 - pointer.weight / 100]);
    }
    if (pointer?.canary) {
        versions.push([pointer.canary, 'rollout', pointer.weight / 100]);
    }
    for (const [deployment, role, part] of versions) {
        const own = flow[deployment] ?? QUIET;
        nodes.push({
            id: deployment, kind: 'deployment', label: role, column: 4, to: `/deployments/${deployment}`, perMinute: own.requests, errors: own.errors,
            detail: `${deployment.slice(-8)}: ${rate(own.requests)}${own.errors ? `, ${own.errors.toFixed(1)} of them failed` : ''}`,
            tone: own.errors > own.requests * 0.05 && own.errors > 0 ? 'bad' : role === 'rollout' ? 'live' : 'good',
        });
        for (const door of doors) {
            links.push({ from: door, to: deployment, share: part, perMinute: own.requests / doors.length, label: pointer?.canary ? `${Math.round(part * 100)} %` : undefined });
        }
    }
    for (const alias of shownPreviews) {
        const id = `preview:${alias.alias}`;
        nodes.push({ id: `${id}@`, kind: 'host', label: hostOf(alias.url), detail: `${alias.kind} ${alias.of}`, tone: 'idle', column: 2, url: alias.url, to: `${site}/previews` });
        nodes.push({ id, kind: 'deployment', label: alias.of, detail: `preview of ${alias.kind} ${alias.of}, ${alias.deployment.slice(-8)}`, tone: 'idle', column: 4, to: `/deployments/${alias.deployment}` });
        const each = previews.requests / shownPreviews.length;
        links.push({ from: 'edge', to: `${id}@`, share: 0, perMinute: each }, { from: `${id}@`, to: id, share: 0, perMinute: each });
    }

    nodes.push({ id: 'store', kind: 'store', label: 'Files', detail: 'by their content: the same file once, for all versions', tone: 'good', column: 5 });
    for (const node of nodes.filter(one => one.kind === 'deployment')) {
        links.push({ from: node.id, to: 'store', share: 0.4, perMinute: node.perMinute ?? 0 });
    }
    const weights = origins.reduce((sum, one) => sum + one.weight, 0) || 1;
    for (const origin of origins) {
        const id = `backend:${origin.backend}/${origin.name}`;
        nodes.push({
            id, kind: 'backend', label: `${origin.backend} · ${origin.name || hostOf(origin.url)}`, column: 5, to: `${site}/protection`, detail: origin.why || `${hostOf(origin.url)}, ${origin.milliseconds} ms`,
            tone: origin.healthy === null ? 'idle' : origin.healthy ? 'good' : 'bad',
        });
        links.push({ from: rules ? 'rules' : 'host', to: id, share: origin.weight / weights, perMinute: 0, label: `${Math.round((origin.weight / weights) * 100)} %`, broken: origin.healthy === false });
    }
    return { nodes, links };
}

export interface TeamFacts {
    sites: { id: string; slug: string; name: string; url: string; production: unknown; latest: { state: string } | null; rollout: { weight: number } | null; locked: boolean }[];
    domains: Schema<'DomainsDomainView'>[];
    cloud: string;
    perMinute: number;
    more: boolean;
}

export function teamGraph({ sites, domains, cloud, perMinute, more }: TeamFacts): Graph {
    const nodes: Node[] = [
        { id: 'visitors', kind: 'visitors', label: 'Visitors', detail: rate(perMinute), tone: perMinute ? 'live' : 'idle', column: 0, perMinute },
        { id: 'edge', kind: 'edge', label: cloud === 'local' ? 'Edge of this computer' : 'CloudFront', detail: 'routes and files of every site', tone: 'good', column: 1, perMinute },
    ];
    const links: Link[] = [{ from: 'visitors', to: 'edge', share: 1, perMinute }];
    for (const site of sites) {
        const failed = site.latest?.state === 'failed';
        nodes.push({
            id: site.id, kind: 'project', label: site.name, column: 3, to: `/projects/${site.slug}`, url: site.production ? site.url : undefined,
            detail: site.rollout ? `rollout at ${site.rollout.weight} %` : site.locked ? 'locked' : failed ? 'the last deployment failed' : site.production ? 'live' : 'nothing is live yet',
            tone: site.rollout ? 'live' : failed ? 'bad' : site.production ? 'good' : 'idle',
        });
        links.push({ from: 'edge', to: site.id, share: site.production ? 0.3 : 0, perMinute: site.production ? perMinute / sites.length : 0 });
        for (const domain of domains.filter(one => one.project === site.id)) {
            const id = `domain:${domain.domain}`;
            nodes.push({ id, kind: 'host', label: domain.domain, detail: domain.detail || domain.state.replaceAll('_', ' '), tone: domainTone(domain.state), column: 2, to: `/projects/${site.slug}/domains/${domain.domain}` });
            links.push({ from: 'edge', to: id, share: 0.2, perMinute: 0, broken: domain.state !== 'active' }, { from: id, to: site.id, share: 0.2, perMinute: 0, broken: domain.state !== 'active' });
        }
    }
    nodes.push({ id: 'store', kind: 'store', label: 'Files', detail: more ? 'more projects than fit here; see Projects' : 'by their content: the same file once', tone: 'good', column: 4 });
    for (const site of sites) {
        links.push({ from: site.id, to: 'store', share: 0.2, perMinute: site.production ? perMinute / sites.length : 0 });
    }
    return { nodes, links };
}
