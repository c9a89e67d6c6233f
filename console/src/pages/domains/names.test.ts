import { expect, test } from 'vitest';
import { companion, ends, found, issuerName, nextStep, reached, within } from './names';

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

const MANAGED: Parameters<typeof ends>[0] = { source: 'managed', status: 'issued', days_left: null, reason: '', issuer: '', names: [], starts_at: null, expires_at: '2026-03-01T12:00:00Z', renewal: '' };

test('the end of a certificate is said in words, and own ones are spoken of earlier', () => {
    const now = Date.parse('2026-02-01T00:00:00Z');
    expect(ends({ ...MANAGED, days_left: 40 }, now)).toEqual({ says: 'certificate: 40 days left', near: false });
    expect(ends({ ...MANAGED, source: 'own', days_left: 40 }, now).near).toBe(true);
    expect(ends({ ...MANAGED, days_left: 1 }, now)).toEqual({ says: 'certificate: 1 day left', near: true });
    expect(ends({ ...MANAGED, days_left: 0 }, now).says).toBe('certificate: ends today');
    expect(ends({ ...MANAGED, days_left: 0 }, Date.parse('2026-03-02T00:00:00Z')).says).toBe('certificate has ended');
    expect(ends({ ...MANAGED, status: 'pending_validation', days_left: null, expires_at: null }, now)).toEqual({ says: 'pending validation', near: false });
});

test('an issuer is called by its name', () => {
    expect(issuerName("CN=R11,O=Let's Encrypt,C=US")).toBe("R11, Let's Encrypt");
    expect(issuerName('CN=Acme\\, Inc. CA')).toBe('Acme, Inc. CA');
    expect(issuerName('Amazon')).toBe('Amazon');
});

test('what the page can do itself is not sent to the terminal', () => {
    const step = 'Set the TXT record, then run `deck domains check`.';
    expect(nextStep({ state: 'ownership_pending', next_step: step })).not.toContain('deck');
    expect(nextStep({ state: 'active', next_step: 'Nothing. Leave its records in place.' })).toBe('Leave its records in place.');
    expect(nextStep({ state: 'attaching', next_step: 'Nothing: this takes a minute.' })).toBe('Nothing to do: this takes a minute.');
});

test('what was found is a sentence', () => {
    expect(found('no TXT record says it')).toBe('No TXT record says it.');
    expect(found('www.example.com does not lead here')).toBe('www.example.com does not lead here.');
    expect(found('')).toBe('');
});
