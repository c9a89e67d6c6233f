import { expect, test } from 'vitest';
import { refusal } from './refusals';

test('a code of ours is a sentence, an unknown one is named, anything else is not repeated', () => {
    expect(refusal('access_denied')).toMatch(/refused/);
    expect(refusal('saml_expired')).toContain('saml_expired');
    expect(refusal('Call 555-0100 to go on')).toBe('The sign-in was not finished.');
});
