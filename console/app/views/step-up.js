// A fresh proof of identity, asked for in a dialog when the API wants one.

import { get, post } from '../api.js';
import { deed, field, form, h } from '../dom.js';
import * as passkeys from '../passkeys.js';

export async function stepUp() {
    const { items } = await get('/me/factors');
    const kinds = new Set(items.map(item => item.kind));
    return new Promise((done, refused) => {
        const close = then => {
            dialog.close();
            dialog.remove();
            then();
        };
        const prove = async proof => {
            await post('/auth/step-up', proof);
            close(done);
        };
        const ways = [];
        if (kinds.has('passkey')) {
            ways.push(deed('Use a passkey', async () => {
                const { options } = await post('/auth/step-up/options');
                await prove({ method: 'passkey', credential: await passkeys.prove(options) });
            }, { class: 'primary' }));
        }
        if (kinds.has('totp')) {
            ways.push(form([field('Code of your authenticator', { name: 'code', inputmode: 'numeric', autocomplete: 'one-time-code' })],
                'Go on', given => prove({ method: 'totp', ...given })));
        }
        if (!ways.length) {
            ways.push(form([field('Password', { name: 'password', type: 'password', autocomplete: 'current-password' })], 'Go on', prove));
        }
        const cancel = () => close(() => refused(new Error('Nothing was changed.')));
        const dialog = h('dialog', { oncancel: event => { event.preventDefault(); cancel(); } },
            h('h2', {}, 'Is it you?'), h('p', { class: 'soft' }, 'What you are about to do asks for a fresh proof.'),
            ways, h('button', { type: 'button', onclick: cancel }, 'Cancel'));
        document.body.append(dialog);
        dialog.showModal();
    });
}
