// The console: one page whose address after `#` says what it shows. `config.json` beside it is
// written when the console is deployed: {"api": base URL, "live": WebSocket URL}.

import { keep, proveWith, signedIn } from './app/api.js';
import { card, h } from './app/dom.js';
import { enter } from './app/views/access.js';
import { account } from './app/views/account.js';
import { home } from './app/views/home.js';
import { device, forgot, invite, reset, signUp, verify } from './app/views/letters.js';
import { arrival, signIn } from './app/views/sign-in.js';
import { stepUp } from './app/views/step-up.js';

const OPEN = { '/': home, '/sign-in': signIn, '/sign-up': signUp, '/verify': verify, '/forgot': forgot, '/reset': reset, '/invitations': invite };
const MINE = { '/account': account, '/device': device, '/access': enter };
const main = document.querySelector('main');

function show(title, ...content) {
    document.title = `${title} - CloudDeck`;
    main.replaceChildren(h('h1', {}, title), ...content);
}

const go = hash => {
    if (location.hash === hash) {
        render();
    } else {
        location.hash = hash;
    }
};

async function render() {
    const [named, asked = ''] = (location.hash.slice(1) || '/').split('?');
    const path = named.startsWith('/') ? named : `/${named}`;
    const page = { show, go, query: new URLSearchParams(asked) };
    try {
        if (/[?&](code|error)=/.test(location.search)) {
            await arrival(page);
        } else if (MINE[path] && !signedIn()) {
            sessionStorage.setItem('clouddeck.wanted', location.hash);
            go('#/sign-in');
        } else {
            await (MINE[path] || OPEN[path] || home)(page);
        }
    } catch (error) {
        if (error.status === 401 && MINE[path]) {
            keep(null);
            go('#/sign-in');
            return;
        }
        show('That did not work', card('', h('p', { role: 'alert' }, error.message), error.hint ? h('p', { class: 'soft' }, error.hint) : null,
            h('p', {}, h('a', { href: '#/sign-in' }, 'Sign in'))));
    }
}

proveWith(stepUp);
addEventListener('hashchange', render);
render();
