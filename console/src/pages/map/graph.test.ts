import { describe, expect, it } from 'vitest';
import { projectGraph, teamGraph, type Facts } from './graph';
import { placed } from './layout';

const project = { slug: 'shop', url: 'http://shop.localhost:8081/' } as Facts['project'];
const pointer = { deployment: 'dpl_old', canary: 'dpl_new', weight: 25, pinned: false } as Facts['pointer'];
const quiet = { requests: 0, errors: 0 };
const facts: Facts = { project, pointer, domains: [], aliases: [], origins: [], rules: 0, cloud: 'local', flow: {}, previews: quiet };

const link = (graph: ReturnType<typeof projectGraph>, from: string, to: string) => graph.links.find(one => one.from === from && one.to === to);

describe('the map of a project', () => {
    it('splits what arrives as the rollout does', () => {
        const graph = projectGraph(facts);
        expect(link(graph, 'host', 'dpl_old')?.share).toBe(0.75);
        expect(link(graph, 'host', 'dpl_new')?.share).toBe(0.25);
        expect(link(graph, 'host', 'dpl_new')?.label).toBe('25 %');
    });

    it('leads through the rules where there are any', () => {
        const graph = projectGraph({ ...facts, rules: 3 });
        expect(link(graph, 'host', 'rules')).toBeDefined();
        expect(link(graph, 'host', 'dpl_old')).toBeUndefined();
        expect(link(graph, 'rules', 'dpl_old')).toBeDefined();
    });

    it('shows a version that fails as bad, and how much it answers', () => {
        const graph = projectGraph({ ...facts, flow: { dpl_old: { requests: 90, errors: 0 }, dpl_new: { requests: 30, errors: 9 } } });
        expect(graph.nodes.find(node => node.id === 'dpl_new')?.tone).toBe('bad');
        expect(graph.nodes.find(node => node.id === 'visitors')?.perMinute).toBe(120);
    });

    it('draws ways to domains that do not work as broken', () => {
        const domain = { domain: 'shop.example.com', state: 'dns_pending', detail: '', redirect: null } as unknown as Facts['domains'][number];
        expect(link(projectGraph({ ...facts, domains: [domain] }), 'edge', 'domain:shop.example.com')?.broken).toBe(true);
    });

    it('has no way that begins or ends nowhere, and a place for every node', () => {
        const alias = { alias: 'a', of: 'next', kind: 'branch', url: 'http://a--shop.localhost', deployment: 'dpl_x' } as Facts['aliases'][number];
        const origin = { backend: 'api', name: 'a', url: 'http://x', weight: 60, healthy: true, why: '', milliseconds: 3 } as Facts['origins'][number];
        const graph = projectGraph({ ...facts, rules: 1, aliases: [alias], origins: [origin] });
        const { nodes } = placed(graph);
        for (const one of graph.links) {
            expect(nodes.has(one.from), one.from).toBe(true);
            expect(nodes.has(one.to), one.to).toBe(true);
        }
        const spots = new Set([...nodes.values()].map(node => `${node.x}/${node.y}`));
        expect(spots.size).toBe(graph.nodes.length);
    });
});

describe('the map of a team', () => {
    it('has every project between the edge and the files', () => {
        const sites = [{ id: 'prj_1', slug: 'a', name: 'A', url: '', production: {}, latest: null, rollout: null, locked: false }];
        const graph = teamGraph({ sites, domains: [], cloud: 'aws', perMinute: 4, more: false });
        expect(graph.links.map(one => `${one.from}>${one.to}`)).toEqual(['visitors>edge', 'edge>prj_1', 'prj_1>store']);
    });
});
