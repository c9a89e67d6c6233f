import { expect, test } from 'vitest';
import { initials } from './Face';

test('a name is two letters at most, whatever script it is in', () => {
    expect(initials('Ada Lovelace King')).toBe('AL');
    expect(initials('ada')).toBe('A');
    expect(initials('  ')).toBe('');
    expect(initials('محمد علي')).toBe('مع');
    expect(initials('🐙 Octo')).toBe('🐙O');
});
