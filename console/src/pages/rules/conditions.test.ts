import { expect, test } from 'vitest';
import { conditions, effect, fits, headerLines, type Rule } from './conditions';

const RULE: Rule = { source: '_redirects', line: 3, path: '/pricing', to: '/au', status: 302, force: false, keep_query: true, when: { country: ['AU', 'NZ'] }, adds: [] };

test('conditions are sentences', () => {
    expect(conditions({ country: ['AU', 'NZ'] })).toEqual(['country AU or NZ']);
    expect(conditions({ cookie: { is_beta: true } })).toEqual(['cookie is_beta is there']);
    expect(conditions({ unless: { cookie: { session: true } }, query: { id: [':id'] } })).toEqual(['not cookie session is there', 'query id = :id']);
    expect(conditions(null)).toEqual([]);
});

test('what a rule does follows from status and target', () => {
    expect(effect(RULE)).toBe('redirect');
    expect(effect({ status: 200, to: 'backend:api/:splat' })).toBe('proxy');
    expect(effect({ status: 200, to: '/index.html' })).toBe('rewrite');
    expect(effect({ status: 410, to: '/404.html' })).toBe('page');
});

test('every word that is searched for has to be in the rule', () => {
    expect(fits(RULE, 'pricing nz')).toBe(true);
    expect(fits(RULE, '_redirects:3')).toBe(true);
    expect(fits(RULE, 'pricing de')).toBe(false);
});

test('headers are lines, and a line that is none is named', () => {
    expect(headerLines('X-A: 1\n\nCookie: a=b:c').headers).toEqual({ 'X-A': '1', Cookie: 'a=b:c' });
    expect(headerLines('X-A: 1\nnonsense').fault).toContain('Line 2');
});
