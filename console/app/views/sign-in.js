// The door: password, passkey, another provider, single sign-on, and the second factor after it.

import { get, keep, post } from '../api.js';
import { card, deed, field, form, h } from '../dom.js';
import * as passkeys from '../passkeys.js';
import { arrive, leave } from '../pkce.js';

export async function signIn({ show, go }) {
    const offer = await get('/auth/providers');
    const entered = answer => welcome(answer, { show, go });
    show('Sign in', h('div', { class: 'stack' },
        card('', form([
            field('E-mail', { name: 'email', type: 'email', autocomplete: 'username webauthn' }),
            field('Password', { name: 'password', type: 'password', autocomplete: 'current-password' }),
        ], 'Sign in', async given => entered(await post('/auth/login', given))),
        h('p', { class: 'soft' }, h('a', { href: '#/forgot' }, 'Forgot the password?'), ' ',
            offer.sign_up === 'invite' ? null : h('a', { href: '#/sign-up' }, offer.sign_up === 'open' ? 'Make an account' : 'Ask for access'))),
        card('Other ways',
            passkeys.supported() ? deed('With a passkey', async () => entered(await withPasskey())) : null,
            offer.items.map(provider => deed(`With ${provider.name}`, () => leave(`/auth/providers/${encodeURIComponent(provider.id)}/start`))),
            form([field('Work e-mail', { name: 'work', type: 'email', autocomplete: 'email' })], 'Single sign-on',
                given => leave('/auth/sso/start', { email: given.work })))));
}

async function withPasskey() {
    const { challenge, options } = await post('/auth/passkey/options');
    return post('/auth/passkey', { challenge, credential: await passkeys.prove(options) });
}

// What an answer to any way of signing in means: in, or one more proof.
export function welcome(answer, page) {
    if (!answer.challenge) {
        keep(answer);
        page.go(sessionStorage.getItem('clouddeck.wanted') || '#/account');
        sessionStorage.removeItem('clouddeck.wanted');
        return;
    }
    secondFactor(answer.challenge, page);
}

function secondFactor(challenge, page) {
    const prove = proof => post('/auth/mfa', { challenge: challenge.id, ...proof }).then(answer => welcome(answer, page));
    const ways = {
        passkey: () => deed('Use a passkey', async () =>
            prove({ method: 'passkey', credential: await passkeys.prove(challenge.options) })),
        totp: () => code('Code of your authenticator', 'totp', { inputmode: 'numeric', maxlength: 6 }),
        recovery: () => code('Recovery code', 'recovery', {}),
    };
    const code = (label, method, more) => form(
        [field(label, { name: 'code', autocomplete: 'one-time-code', ...more })], 'Go on', given => prove({ method, ...given }));
    page.show('One more proof', h('div', { class: 'stack' }, challenge.methods.map(method => card('', ways[method]()))));
}

// Back from a provider: `?code=` or `?error=` in the address.
export async function arrival(page) {
    const given = new URLSearchParams(location.search);
    history.replaceState(null, '', '/');
    if (given.has('error')) {
        page.show('Not signed in', card('',
            h('p', {}, `The sign-in was not finished: ${given.get('error')}.`), h('a', { href: '#/sign-in' }, 'Try again')));
        return;
    }
    welcome(await arrive(given.get('code')), page);
}
