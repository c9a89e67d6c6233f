import { config } from '../api/config';
import { behindHash } from '../pages/doors/wanted';

// The first page stands as it is; this adds what differs from installation to installation. Whoever is signed in, or
// comes by a link out of a mail (which carries its token after `#`, where no server sees it), goes on into the app.

const SESSION = 'clouddeck.session';
const HOME = '/home';

function onward(): boolean {
    const page = behindHash(location.hash, location.origin);
    if (page !== null) {
        location.replace(page);
        return true;
    }
    if (localStorage.getItem(SESSION)) {
        location.replace(HOME);
        return true;
    }
    return false;
}

function health(state: 'good' | 'bad', said: string): void {
    const place = document.querySelector<HTMLElement>('[data-health]');
    if (place) {
        place.dataset.health = state;
        place.querySelector('span')!.textContent = said;
    }
}

const INVITES: Record<string, string> = { open: 'Make an account', request: 'Ask for access' };

async function told(): Promise<void> {
    const { api } = await config();
    const began = performance.now();
    const answer = await fetch(`${api}/v1/health`, { cache: 'no-store' });
    if (!answer.ok) {
        throw new Error(String(answer.status));
    }
    const took = Math.round(performance.now() - began);
    const [meta, offer] = await Promise.all(['meta', 'auth/providers'].map(path => fetch(`${api}/v1/${path}`).then(said => said.json())));
    health('good', `The API answers in ${took} ms, version ${meta.version}. Sites appear at ${String(meta.sites).replace('{label}', '<name>')}`);
    document.querySelector('[data-login]')!.textContent = `deck login --api ${api}`;
    document.querySelector<HTMLAnchorElement>('[data-openapi]')!.href = `${api}/v1/openapi.json`;
    const invite = INVITES[offer.sign_up];
    const door = document.querySelector<HTMLElement>('[data-sign-up]')!;
    door.textContent = invite ?? '';
    door.hidden = invite === undefined;
}

if (!onward()) {
    told().catch(() => health('bad', 'The API of this installation does not answer. Sites are served as ever.'));
}
