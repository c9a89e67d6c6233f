import { account, onSession } from '../api/session';
import { ownPath } from '../pages/doors/wanted';
import { router } from '../routes';

// The service worker comes after the page: nothing of the first look waits for it.
export function install(): void {
    if (!('serviceWorker' in navigator) || !import.meta.env.PROD) {
        return;
    }
    navigator.serviceWorker.addEventListener('message', event => {
        const said = event.data as { type?: string; path?: string } | null;
        const there = said?.type === 'go' ? ownPath(said.path, location.origin) : null;
        if (there) {
            void router.navigate({ href: there });
        }
    });
    addEventListener('load', () => {
        navigator.serviceWorker
            .register('/sw.js', { updateViaCache: 'none' })
            .then(() => follow())
            // without a worker the console is what it was; a blocked one is the browser's choice
            .catch(() => undefined);
    });
}

// Notifications are somebody's, as long as they are signed in.
async function follow(): Promise<void> {
    const { left, renewed } = await import('./subscription');
    let whose = account();
    onSession(() => {
        if (account() !== whose) {
            whose = account();
            void (whose ? renewed() : left()).catch(() => undefined);
        }
    });
    await renewed();
}
