// One's own account: second factors, passkeys, sessions.

import { get, keep, post, remove } from '../api.js';
import { card, deed, field, form, h, moment } from '../dom.js';
import * as passkeys from '../passkeys.js';

export async function account(page) {
    const [me, factors, sessions] = await Promise.all([get('/me'), get('/me/factors'), get('/me/sessions')]);
    const again = () => account(page);
    page.show(me.user.name, h('div', { class: 'stack' },
        card('', h('p', {}, me.user.email), h('p', { class: 'soft' }, 'Teams: ', me.teams.map(t => `${t.name} (${t.role})`).join(', ')),
            deed('Sign out', async () => {
                await post('/auth/logout').catch(() => undefined);
                keep(null);
                page.go('#/sign-in');
            })),
        factorsCard(factors.items, page, again),
        card('Sessions', h('ul', { class: 'rows' }, sessions.items.map(one => h('li', {},
            h('div', {}, one.agent || one.via, one.current ? h('strong', {}, ' (this one)') : null,
                h('span', { class: 'soft' }, `${one.ip} · since ${moment(one.created_at)} · last seen ${moment(one.seen_at)}`)),
            one.current ? null : deed('End', () => remove(`/me/sessions/${one.id}`).then(again))))),
        sessions.items.length > 1 ? deed('End all others', () => remove('/me/sessions').then(again)) : null)));
}

function factorsCard(items, page, again) {
    return card('Second factors and passkeys',
        items.length ? null : h('p', { class: 'soft' }, 'Only a password protects this account. Add a passkey or an authenticator.'),
        h('ul', { class: 'rows' }, items.map(one => h('li', {},
            h('div', {}, one.name, h('span', { class: 'soft' }, `${one.kind} · since ${moment(one.created_at)}`)),
            deed('Remove', () => remove(`/me/factors/${one.id}`).then(again))))),
        h('div', { class: 'row' },
            passkeys.supported() ? deed('Add a passkey', () => addPasskey(page, again)) : null,
            deed('Add an authenticator', () => addTotp(page, again)),
            items.length ? deed('New recovery codes', async () => showCodes(page, (await post('/me/factors/recovery-codes')).recovery_codes, again)) : null));
}

async function addPasskey(page, again) {
    const { options } = await post('/me/factors/passkeys/options');
    const credential = await passkeys.register(options);
    const made = await post('/me/factors/passkeys', { name: `Passkey of ${new Date().toISOString().slice(0, 10)}`, credential });
    return showCodes(page, made.recovery_codes, again);
}

async function addTotp(page, again) {
    const made = await post('/me/factors/totp');
    page.show('Add an authenticator', card('',
        h('p', {}, 'Put this key into your authenticator, then type the code that it shows.'),
        h('pre', {}, h('code', { 'data-secret': '' }, made.secret)), h('p', {}, h('a', { href: made.uri }, 'Open it in an app on this device')),
        form([field('Code', { name: 'code', inputmode: 'numeric', maxlength: 6, autocomplete: 'one-time-code' })], 'Confirm',
            async given => showCodes(page, (await post('/me/factors/totp/confirm', given)).recovery_codes, again))));
}

// Only the first factor brings codes along.
function showCodes(page, codes, again) {
    if (!codes?.length) {
        return again();
    }
    return page.show('Recovery codes', card('',
        h('p', {}, 'Keep these where you find them without this device. Each works once; they are shown this once.'),
        h('pre', {}, h('code', {}, codes.join('\n'))), deed('I have kept them', again, { class: 'primary' })));
}
