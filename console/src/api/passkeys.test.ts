import { expect, test } from 'vitest';
import { refused } from './passkeys';
import { problem } from './problem';

test('a dialog that was closed is told in words, and anything else stays what it is', () => {
    expect(problem(refused(new DOMException('The operation either timed out', 'NotAllowedError'))).code).toBe('passkey_ended');
    expect(problem(refused(new DOMException('', 'InvalidStateError'))).message).toMatch(/has a passkey of this account/);
    const other = new Error('other');
    expect(refused(other)).toBe(other);
});
