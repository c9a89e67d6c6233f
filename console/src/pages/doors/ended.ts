import { Problem } from '@/api/problem';

// What browsers throw when somebody closes their dialog or lets it wait: no fault of anybody's.
export function ended(error: unknown): unknown {
    if (!(error instanceof DOMException)) {
        return error;
    }
    if (error.name === 'NotAllowedError' || error.name === 'AbortError') {
        return new Problem(401, 'passkey_ended', 'No passkey was used.', 'The dialog was closed, or waited too long. Try again, or use another way.');
    }
    if (error.name === 'InvalidStateError') {
        return new Problem(409, 'passkey_known', 'This device has a passkey of this account already.', 'Use it to sign in.');
    }
    if (error.name === 'SecurityError') {
        return new Problem(409, 'passkey_elsewhere', 'Passkeys belong to another address than this page has.', 'Open the console by its own address.');
    }
    return error;
}
