import { describe, expect, it } from 'vitest';
import { fit, found, type Offer } from './found';

const offer = (label: string, group: string, words = ''): Offer => ({ id: label, label, group, words, icon: null, go: () => undefined });

describe('the palette', () => {
    const offers = [offer('Overview', 'Pages'), offer('Domains', 'Pages'), offer('New project', 'Deeds', 'create make'), offer('my-domain-shop', 'Projects'), offer('domino', 'Projects')];

    it('offers everything to whoever has typed nothing', () => {
        expect(found(offers, ' ')).toEqual(offers);
    });

    it('wants every word', () => {
        expect(found(offers, 'new pro').map(one => one.label)).toEqual(['New project']);
        expect(found(offers, 'new domain')).toEqual([]);
    });

    it('knows other words for a thing', () => {
        expect(found(offers, 'create').map(one => one.label)).toEqual(['New project']);
    });

    it('puts beginnings first and keeps groups together', () => {
        expect(found(offers, 'dom').map(one => one.label)).toEqual(['Domains', 'domino', 'my-domain-shop']);
        expect(fit({ label: 'domino' }, 'dom')).toBeGreaterThan(fit({ label: 'my-domain-shop' }, 'dom'));
        expect(fit({ label: 'random' }, 'dom')).toBe(1);
    });
});
