import { DOORS, found, frame, INSIDE } from './addresses';
import { begin } from './api/early';
import { session } from './api/session';

// The first script of every page. It is small and knows the address: what that page is made of and what it will ask for
// are on their way at once, side by side, while the larger part of the scripts comes.

const signedIn = session() !== null;
const inside = found(INSIDE, location.pathname);
const there = inside ?? found(DOORS, location.pathname);

// A part of this version of the page that is gone from the server: the page as it is now has another one.
addEventListener('vite:preloadError', event => {
    const last = Number(sessionStorage.getItem('clouddeck.reloaded') ?? 0);
    if (navigator.onLine && Date.now() - last > 60_000) {
        event.preventDefault();
        sessionStorage.setItem('clouddeck.reloaded', String(Date.now()));
        location.reload();
    }
});

if (inside && signedIn) {
    begin(['/v1/me', ...(inside.address.asks?.(inside.names) ?? [])]);
}

void import('./main');

// The router asks for these too, and says so when they do not come.
const soon = inside && signedIn ? [frame, inside.address.load] : !inside && there ? [there.address.load] : [];
soon.forEach(load => void load().catch(() => undefined));
