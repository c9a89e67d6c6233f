import { describe, expect, it } from 'vitest';
import { DOORS, found, INSIDE } from './addresses';

describe('the page of an address', () => {
    it.each([
        ['/teams/founder', 'Overview', { team: 'founder' }],
        ['/teams/founder/', 'Overview', { team: 'founder' }],
        ['/teams/new', 'NewTeam', {}],
        ['/projects/shop/domains/www.example.com', 'Domain', { project: 'shop', domain: 'www.example.com' }],
        ['/deployments/dep_1', 'Deployment', { deployment: 'dep_1' }],
    ])('%s', (path, name, names) => {
        const there = found(INSIDE, path);
        expect(there?.address.name).toBe(name);
        expect(there?.names).toEqual(names);
    });

    it.each(['/', '', '/teams', '/teams/', '/teams//', '/teams/a/b/c', '/sign-in', '/deployments/'])('%s is none of those inside', path => {
        expect(found(INSIDE, path)).toBeUndefined();
    });

    it('is a door or inside, and never both', () => {
        expect(DOORS.filter(door => found(INSIDE, door.path))).toEqual([]);
    });

    it('asks first for what belongs to the address', () => {
        const there = found(INSIDE, '/teams/founder')!;
        expect(there.address.asks?.(there.names)).toContain('/v1/teams/founder/overview');
    });
});

describe('what is seen before a page', () => {
    it('is a door for every door', async () => {
        const { readFileSync } = await import('node:fs');
        const script = readFileSync(new URL('../public/scheme.js', import.meta.url), 'utf8');
        const named = /\(([a-z|-]+)\)\(/.exec(script)![1]!.split('|').map(name => `/${name}`);
        expect(named.sort()).toEqual(DOORS.map(door => door.path).sort());
    });
});
