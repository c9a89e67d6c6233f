// Where the links in mails lead: verify an address, choose a new password, accept an invitation.

import { get, post, signedIn } from '../api.js';
import { card, deed, field, form, h } from '../dom.js';

const password = autocomplete => field('Password', { name: 'password', type: 'password', minlength: 10, autocomplete });

export async function signUp({ show, query }) {
    const { sign_up: mode } = await get('/auth/providers');
    const invitation = query.get('invitation');
    const asks = mode === 'request' && !invitation;
    const fields = [
        field('Name', { name: 'name', autocomplete: 'name' }),
        field('E-mail', { name: 'email', type: 'email', autocomplete: 'email' }),
        asks ? [field('Organisation', { name: 'organisation', autocomplete: 'organization' }), field('Why', { name: 'reason' })]
            : password('new-password'),
    ].flat();
    show(asks ? 'Ask for access' : 'Make an account', card('', form(fields, asks ? 'Ask' : 'Make it', async given => {
        if (asks) {
            await post('/access-requests', given);
            show('Asked', card('', h('p', {}, 'Somebody will look at it, and you will get a mail.')));
        } else {
            await post('/auth/sign-up', invitation ? { ...given, invitation } : given);
            show('Look into your mail', card('', h('p', {}, 'We sent a link to the address. Open it to go on.')));
        }
    })));
}

export function verify({ show, query }) {
    show('Verify the address', card('', h('p', {}, 'This address is yours?'), deed('Yes, verify it', async () => {
        const { email } = await post('/auth/verify', { token: query.get('token') });
        show('Verified', card('', h('p', {}, `${email} is verified.`), h('a', { href: '#/sign-in' }, 'Sign in')));
    }, { class: 'primary' })));
}

export function forgot({ show }) {
    show('Forgot the password', card('', form([field('E-mail', { name: 'email', type: 'email', autocomplete: 'email' })],
        'Send a link', async given => {
            await post('/auth/reset', given);
            show('Look into your mail', card('', h('p', {}, 'If there is an account with this address, a link is on its way.')));
        })));
}

export function reset({ show, query }) {
    show('Choose a new password', card('', form([password('new-password')], 'Keep it', async given => {
        await post('/auth/reset/confirm', { token: query.get('token'), ...given });
        show('Changed', card('', h('p', {}, 'Every session of yours was ended.'), h('a', { href: '#/sign-in' }, 'Sign in')));
    })));
}

export async function invite({ show, go, query }) {
    const token = query.get('token');
    const found = await post('/invitations/look', { token });
    const asked = h('p', {}, `You are invited to ${found.team.name} as ${found.role}.`);
    const accept = deed('Accept', async () => {
        await post('/invitations/accept', { token });
        go('#/account');
    }, { class: 'primary' });
    const elsewhere = h('p', {},
        h('a', { href: `#/sign-up?invitation=${encodeURIComponent(token)}` }, 'Make an account'), ' or ',
        h('a', { href: '#/sign-in', onclick: () => sessionStorage.setItem('clouddeck.wanted', location.hash) }, 'sign in'), ' to accept.');
    show('An invitation', card('', asked, signedIn() ? accept : elsewhere));
}

export async function device({ show, query }) {
    const ask = async code => {
        const path = `/me/device/${encodeURIComponent(code)}`;
        const found = await get(path);
        const decide = (verb, said) => deed(said, async () => {
            await post(`${path}/${verb}`);
            show('Done', card('', h('p', {}, verb === 'approve' ? 'The device is signed in; go back to it.' : 'The device was refused.')));
        }, verb === 'approve' ? { class: 'primary' } : {});
        show('Sign a device in?', card('',
            h('p', {}, `${found.name} at ${found.ip} asks to act as you. Go on only if you started it and the code is the same: `, h('strong', {}, code)),
            h('div', { class: 'row' }, decide('approve', 'Sign it in'), decide('deny', 'Refuse'))));
    };
    if (query.get('code')) {
        await ask(query.get('code'));
        return;
    }
    show('Sign a device in', card('', form([field('Code on the device', { name: 'code', autocapitalize: 'characters' })], 'Go on', given => ask(given.code))));
}

