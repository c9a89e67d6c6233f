import { expect, test } from 'vitest';
import { keyParts, lines, networkFault } from './guard';
import { COUNTRIES } from './countries';

test('addresses and networks of both versions are taken', () => {
    expect(networkFault(['203.0.113.7', '203.0.113.0/24', '2001:db8::/32', '::1'])).toBeNull();
    expect(networkFault(['203.0.113.7', '300.1.1.1'])).toContain('300.1.1.1');
    expect(networkFault(['10.0.0.0/33'])).not.toBeNull();
    expect(networkFault(['example.com'])).not.toBeNull();
});

test('a key is an address, a header or a cookie', () => {
    expect(keyParts('header:x-api-key')).toEqual({ kind: 'header', name: 'x-api-key' });
    expect(keyParts('ip')).toEqual({ kind: 'ip', name: '' });
});

test('empty lines are none', () => {
    expect(lines(' a \n\n b')).toEqual(['a', 'b']);
});

test('there are as many countries as the standard has', () => {
    expect(new Set(COUNTRIES.map(one => one.value)).size).toBe(249);
});
