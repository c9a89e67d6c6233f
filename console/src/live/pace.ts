import { claims } from '../api/claims';

// How long the live connection waits, in milliseconds.
export const FIRST = 500;
export const MOST = 30_000;

// After a loss: twice as long each time, with jitter, so that a thousand pages do not come back in the same moment.
export function pause(tries: number, random: () => number = Math.random): number {
    return Math.min(MOST, FIRST * 2 ** tries) * (0.5 + random());
}

// A page that nobody looks at says something only to keep the connection: it is closed after ten silent minutes.
export const QUIET = 30_000;
export const QUIET_HIDDEN = 4 * 60_000;

// So long an answer may take before the connection is taken for dead.
export const ANSWER = 10_000;

// Between two pages nobody follows anything for a moment.
export const LINGER = 3000;

// A token that a connection was refused with is renewed, but not all the time: what refuses may be something else.
export const RENEW = 60_000;

// Seconds since 1970 at which an access token is over; 0 when it does not say.
export function over(token: string): number {
    const { exp } = claims(token);
    return typeof exp === 'number' ? exp : 0;
}
