import { expect, test } from 'vitest';
import { pullUrl } from './pulls';

test('a pull request has an address at hosts that have pages for them', () => {
    expect(pullUrl({ provider: 'github', url: 'https://github.com/ada/site' }, { provider: 'github', number: 7 })).toBe('https://github.com/ada/site/pull/7');
    expect(pullUrl({ provider: 'gitlab', url: 'https://gitlab.com/ada/site.git' }, { provider: 'gitlab', number: 7 })).toBe('https://gitlab.com/ada/site/-/merge_requests/7');
    expect(pullUrl({ provider: 'git', url: 'https://git.example.org/site' }, { provider: 'git', number: 7 })).toBeUndefined();
    expect(pullUrl({ provider: 'gitlab', url: 'https://gitlab.com/ada/site' }, { provider: 'github', number: 7 })).toBeUndefined();
    expect(pullUrl(null, { provider: 'github', number: 7 })).toBeUndefined();
});
