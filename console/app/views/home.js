// The first page for somebody who is not signed in: whether the installation answers, how to begin.

import { address, get, signedIn } from '../api.js';
import { card, deed, h } from '../dom.js';

export async function home({ show }) {
    const api = await address();
    const command = `deck login --api ${api}`;
    const state = h('section', { class: 'card health', 'aria-live': 'polite' },
        h('span', { class: 'dot' }), h('div', {}, h('strong', {}, 'Asking the API…'), h('span', { class: 'soft' })));
    const [dot, said] = state.children;
    show('Your CloudDeck', h('div', {},
        h('p', { class: 'lead' }, 'One command from a folder to a live site. This installation belongs to whoever installed it.'),
        state,
        card('Sign in', h('p', {}, signedIn() ? h('a', { href: '#/account' }, 'Your account') : h('a', { href: '#/sign-in' }, 'Here, in the browser'), ', or in a terminal:'),
            h('pre', {}, h('code', {}, command)), navigator.clipboard ? deed('Copy', () => navigator.clipboard.writeText(command)) : null),
        card('Publish something', h('p', {}, 'In the folder of a site:'), h('pre', {}, h('code', {}, 'deck deploy')), h('p', { class: 'soft', 'data-sites': '' })),
        h('p', { class: 'soft' }, h('a', { href: `${api}/v1/openapi.json` }, 'API description (OpenAPI)'), ' · ', h('a', { href: `${api}/v1/meta` }, 'Addresses of this installation'))));
    const began = performance.now();
    try {
        await get('/health');
        const milliseconds = Math.round(performance.now() - began);
        const meta = await get('/meta');
        dot.className = 'dot good';
        said.firstChild.textContent = 'The API answers';
        said.lastChild.textContent = `Version ${meta.version}, ${milliseconds} ms`;
        document.querySelector('[data-sites]').textContent = `Sites appear at ${meta.sites.replace('{label}', '<name>')}`;
    } catch (error) {
        dot.className = 'dot bad';
        said.firstChild.textContent = 'The API does not answer';
        said.lastChild.textContent = `${error.message} Reload in a minute; then look at the logs of the API.`;
    }
}
