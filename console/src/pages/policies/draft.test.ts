import { expect, test } from 'vitest';
import { BLANK, draftOf, sentOf } from './draft';

test('what is empty is not sent', () => {
    expect(sentOf(BLANK)).toEqual({ effect: 'deny' });
});

test('the fields come back as they were sent', () => {
    const sent = {
        description: 'No Friday', effect: 'allow_only' as const, roles: ['guest'], resources: ['project'], actions: ['deployment.promote'],
        conditions: { time: { days: ['fri'], from: '12:00', to: '24:00', timezone: 'Europe/Berlin' }, mfa: { required: true, max_age_minutes: 10 }, network: { cidrs: ['203.0.113.0/24'] }, environment: ['production'] },
    };
    const kept = { ...sent, name: 'friday', cedar: 'forbid ...', raw: false, words: '', updated_at: '', updated_by: '' };
    expect(sentOf(draftOf(kept))).toEqual(sent);
});

test('one that was written as Cedar is sent as Cedar', () => {
    const kept = { name: 'x', description: '', effect: null, roles: [], resources: [], actions: [], conditions: {}, cedar: 'forbid (principal, action, resource);', raw: true, words: '', updated_at: '', updated_by: '' };
    expect(sentOf(draftOf(kept))).toEqual({ cedar: kept.cedar });
});

test('"without a second factor" has no age', () => {
    expect(sentOf({ ...BLANK, mfa: 'without', age: 5 }).conditions).toEqual({ mfa: { required: false } });
});
