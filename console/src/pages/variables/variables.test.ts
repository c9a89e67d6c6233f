import { expect, test } from 'vitest';
import { explained, nameFault, scope, type Effective } from './variables';

const LAYER = { name: 'A', value: '1', hidden: null, when: 'both', secret: false, version: 1 } as const;

test('a name is letters, digits and _, no digit first', () => {
    expect(nameFault('API_URL')).toBeNull();
    expect(nameFault('_x9')).toBeNull();
    expect(nameFault('9X')).not.toBeNull();
    expect(nameFault('A-B')).not.toBeNull();
    expect(nameFault('A'.repeat(129))).not.toBeNull();
});

test('what stands before what is said in words', () => {
    const one: Effective = {
        ...LAYER, source: 'branch', environment: 'preview', branch: 'next',
        overrides: [{ source: 'environment', environment: 'preview', branch: null, version: 1 }, { source: 'all', environment: 'all', branch: null, version: 2 }],
    };
    expect(explained(one)).toBe('set for the branch next, before that of preview and all environments');
    expect(explained({ ...LAYER, source: 'system', environment: null, branch: null, overrides: [] })).toBe('every build has it');
});

test('a scope names environment and branch', () => {
    expect(scope({ environment: 'all', branch: null })).toBe('all environments');
    expect(scope({ environment: 'preview', branch: 'next' })).toBe('preview, branch next');
});
