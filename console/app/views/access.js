// The door of a protected site: whoever is signed in and of its team is sent back there.

import { post } from '../api.js';
import { card, deed, h } from '../dom.js';

export async function enter(page) {
    const host = page.query.get('host') || '';
    const to = page.query.get('to') || '/';
    try {
        const { url } = await post('/me/access', { host, to });
        location.replace(url);
    } catch (error) {
        if (error.code !== 'site_not_found') {
            throw error;
        }
        page.show('Not for this account', card('',
            h('p', { role: 'alert' }, `${host} is protected, and this account is not of its team.`),
            h('p', { class: 'soft' }, error.hint || ''),
            deed('Use another account', () => page.go('#/sign-in'))));
    }
}
