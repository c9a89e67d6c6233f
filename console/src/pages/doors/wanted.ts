// Where somebody was going who had to sign in first.

// Where somebody who is signed in begins; `/` is a page of its own, outside of this app.
export const HOME = '/home';

// The part of an address that lies in this console, or null for anything that would lead elsewhere. Browsers forgive
// much in an address (backslashes, tabs, dots), so what counts is where they themselves would go.
export function ownPath(to: string | null | undefined, origin: string): string | null {
    if (!to?.startsWith('/')) {
        return null;
    }
    let found: URL;
    try {
        found = new URL(to, origin);
    } catch {
        return null;
    }
    // A path that begins with two slashes is another host to whoever is given it without an origin.
    const own = found.origin === origin && !found.pathname.startsWith('//');
    return own ? found.pathname + found.search + found.hash : null;
}

// The page that a link names after `#`, where no server sees what it carries; null when it names none.
export function behindHash(hash: string, origin: string): string | null {
    return hash.startsWith('#/') ? (ownPath(hash.slice(1), origin) ?? HOME) : null;
}

const DOORS = ['/sign-in', '/sign-up', '/verify', '/forgot', '/reset'];

// After signing in: there, but never to a door again.
export function destination(to: string | null | undefined, origin: string): string {
    const own = ownPath(to, origin);
    return own && own !== '/' && !DOORS.includes(own.split(/[?#]/)[0] ?? '') ? own : HOME;
}
