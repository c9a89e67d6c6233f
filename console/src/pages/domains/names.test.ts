import { expect, test } from 'vitest';
import { companion, reached, within } from './names';

test('a root and its www go together, other names do not', () => {
    expect(companion('example.com')).toBe('www.example.com');
    expect(companion('www.example.com')).toBe('example.com');
    expect(companion('Example.co.uk')).toBe('www.example.co.uk');
    expect(companion('shop.example.com')).toBeNull();
    expect(companion('*.example.com')).toBeNull();
    expect(companion('example.')).toBeNull();
});

test('a zone has the names below it, and no others', () => {
    expect(within('a.example.com', 'example.com')).toBe(true);
    expect(within('*.example.com', 'example.com')).toBe(true);
    expect(within('badexample.com', 'example.com')).toBe(false);
});

test('a domain that failed stands where it got to', () => {
    expect(reached({ state: 'failed', proven_at: null, certificate: null })).toEqual({ behind: 0, stuck: true });
    expect(reached({ state: 'failed', proven_at: '2026-01-01T00:00:00Z', certificate: null })).toEqual({ behind: 1, stuck: true });
    expect(reached({ state: 'active', proven_at: null, certificate: null }).behind).toBe(5);
});
