import { expect, test } from 'vitest';
import { mayGive, permits } from './roles';

test('an admin makes no owner and nobody who pays', () => {
    expect(mayGive('admin', 'developer')).toBe(true);
    expect(mayGive('admin', 'admin')).toBe(true);
    expect(mayGive('admin', 'billing')).toBe(false);
    expect(mayGive('admin', 'owner')).toBe(false);
    expect(mayGive('owner', 'billing')).toBe(true);
});

test('a role that is not known may nothing', () => {
    expect(permits('emperor', 'team.read')).toBe(false);
    expect(permits(undefined, 'team.read')).toBe(false);
    expect(mayGive('owner', 'emperor')).toBe(false);
});
