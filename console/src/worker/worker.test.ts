import { expect, test } from 'vitest';
import { how, named } from './keeping';
import { goal, goes, shown } from './notice';

const ORIGIN = 'https://console.example.com';
const kept = (path: string, mode = 'navigate', method = 'GET', origin = ORIGIN) => how(method, mode, new URL(path, origin), ORIGIN);

test('the page, its parts, and nothing of the API', () => {
    expect(kept('/')).toBe('leave');
    expect(kept('/home')).toBe('page');
    expect(kept('/projects/site/deployments')).toBe('page');
    expect(kept('/assets/index-1.js', 'no-cors')).toBe('asset');
    expect(kept('/scheme.js', 'no-cors')).toBe('file');
    expect(kept('/config.json', 'cors')).toBe('leave');
    expect(kept('/config.json')).toBe('leave');
    expect(kept('/v1/me', 'cors')).toBe('leave');
    expect(kept('/v1/auth/callback')).toBe('leave');
    expect(kept('/docs/')).toBe('leave');
    expect(kept('/docsy')).toBe('page');
    expect(kept('/git/site.git/info/refs')).toBe('leave');
    expect(kept('/', 'navigate', 'POST')).toBe('leave');
    expect(kept('/assets/a.js', 'no-cors', 'GET', 'https://elsewhere.example')).toBe('leave');
    expect(kept('/projects/site', 'cors')).toBe('leave');
});

test('the parts that a page names', () => {
    const html = '<link href="/assets/a.css"><script src="/assets/b.js"></script><link href="/assets/a.css"><a href="/x">';
    expect(named(html)).toEqual(['/assets/a.css', '/assets/b.js']);
});

test('a message', () => {
    const text = JSON.stringify({ title: 'site: ready', body: 'main', tag: 't', path: '/deployments/dpl_1', site: 'https://x.example', at: '2026-01-01T00:00:00Z' });
    const { title, options } = shown(text);
    expect(title).toBe('site: ready');
    expect(options.timestamp).toBe(Date.UTC(2026, 0, 1));
    expect(options.actions.map(one => one.action)).toEqual(['open', 'site']);
    expect(goal('', options.data)).toEqual({ path: '/deployments/dpl_1' });
    expect(goal('site', options.data)).toEqual({ address: 'https://x.example' });
});

test.each([undefined, '', 'no json', '[]', 'null', '{"title":7}', '{"at":"x"}'])('whatever came (%s), something is shown', text => {
    const { title, options } = shown(text, 5);
    expect(title).toBe('CloudDeck');
    expect(options.body).not.toBe('');
    expect(options.timestamp).toBe(5);
    expect(goal('site', options.data)).toEqual({ path: '/' });
});

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a b', ''])('a path leads nowhere else (%s)', path => {
    expect(goal('open', { path, site: '' })).toEqual({ path: '/' });
});

test.each(['javascript:alert(1)', 'file:///etc/passwd', 'ftp://x', 'https://'])('a site is visited by HTTP (%s)', site => {
    expect(goal('site', { path: '/a', site })).toEqual({ path: '/a' });
});

test('only tabs of the app are sent to a page', () => {
    expect(goes(`${ORIGIN}/teams/harbour`)).toBe(true);
    expect(goes(`${ORIGIN}/`)).toBe(false);
    expect(goes(`${ORIGIN}/docs/api.html`)).toBe(false);
});
