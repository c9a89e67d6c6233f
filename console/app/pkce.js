// Signing in elsewhere and coming back: PKCE (RFC 7636) keeps the code worthless to anybody else.

import { post } from './api.js';

const KEPT = 'clouddeck.verifier';

function text(buffer) {
    return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

// Ask `start` of a provider or of single sign-on for an address, and go there.
export async function leave(path, body = {}) {
    const verifier = text(crypto.getRandomValues(new Uint8Array(32)));
    const challenge = text(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
    const { url } = await post(path, { ...body, return_to: `${location.origin}/`, challenge });
    sessionStorage.setItem(KEPT, verifier);
    location.assign(url);
}

export function arrive(code) {
    const verifier = sessionStorage.getItem(KEPT) || '';
    sessionStorage.removeItem(KEPT);
    return post('/auth/exchange', { code, verifier });
}
