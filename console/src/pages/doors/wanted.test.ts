import { expect, test } from 'vitest';
import { behindHash, destination, ownPath } from './wanted';

const HERE = 'https://deck.example';

test.each(['/projects/x', '/access?host=a.example&to=/b', '/device?code=BCDF-GHJK', '/teams/a#b'])('%s is ours', to => {
    expect(ownPath(to, HERE)).toBe(to);
});

test.each([
    'https://evil.example/', '//evil.example', '/\\evil.example', '\\/evil.example', '/\t/evil.example', '/.//evil.example',
    '/a/..//evil.example', 'javascript:alert(1)', 'evil.example', '@evil.example', '', null, undefined,
])('%s leads elsewhere', to => {
    expect(ownPath(to, HERE)).toBeNull();
});

test('nobody is sent to a door again', () => {
    expect(destination('/sign-in?to=/x', HERE)).toBe('/home');
    expect(destination('/invitations', HERE)).toBe('/invitations');
    expect(destination('//evil.example', HERE)).toBe('/home');
});

test.each([
    ['#/reset?token=a', '/reset?token=a'],
    ['#/\\evil.example', '/home'],
    ['#//evil.example', '/home'],
    ['#/../..//evil.example', '/home'],
    ['#/\t/evil.example', '/home'],
    ['#main', null],
    ['', null],
])('after # the page of %s is %s', (hash, page) => {
    expect(behindHash(hash, HERE)).toBe(page);
});
