import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nameOf, slugFault, slugOf } from './slug';

describe('slugs of projects', () => {
    it('takes what the API takes', () => {
        for (const slug of ['a', 'shop', 'my-shop-2', 'x'.repeat(35)]) {
            expect(slugFault(slug)).toBe('');
        }
    });

    it('says why the others are none', () => {
        expect(slugFault('')).toContain('characters');
        expect(slugFault('x'.repeat(36))).toContain('35');
        expect(slugFault('Shop')).toContain('a-z');
        expect(slugFault('-a')).toContain('both ends');
        expect(slugFault('a--b')).toContain('hyphen at a time');
        expect(slugFault('docs')).toContain('kept');
    });

    it('keeps back what the API keeps back', () => {
        const source = readFileSync('../chalicelib/projects/rules/names.py', 'utf8');
        const list = /RESERVED_SLUGS = frozenset\(\s*\[([^\]]+)\]/.exec(source)?.[1] ?? '';
        const reserved = [...list.matchAll(/"([a-z]+)"/g)].map(found => found[1] as string);
        expect(reserved.length).toBeGreaterThan(15);
        expect(reserved.filter(slug => !slugFault(slug))).toEqual([]);
    });

    it('makes one of a name', () => {
        expect(slugOf('My Shop!')).toBe('my-shop');
        expect(slugOf('  --  ')).toBe('');
        expect(slugFault(slugOf(`${'a'.repeat(34)} bc`))).toBe('');
    });

    it('finds a name in an address', () => {
        expect(nameOf('https://github.com/acme/site.git')).toBe('site');
        expect(nameOf('git@git.example.org:ada/blog.git')).toBe('blog');
        expect(nameOf('https://gitlab.com/acme/web/')).toBe('web');
        expect(nameOf('')).toBe('');
    });
});
