// WebAuthn between the browser, which speaks in buffers, and the API, which speaks in base64url.

function bytes(text) {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, c => c.charCodeAt(0));
}

function text(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

const listed = (credentials = []) => credentials.map(c => ({ ...c, id: bytes(c.id) }));

export const supported = () => typeof PublicKeyCredential !== 'undefined';

export async function register(options) {
    const made = await navigator.credentials.create({
        publicKey: {
            ...options,
            challenge: bytes(options.challenge),
            user: { ...options.user, id: bytes(options.user.id) },
            excludeCredentials: listed(options.excludeCredentials),
        },
    });
    return {
        id: made.id,
        rawId: text(made.rawId),
        type: made.type,
        response: {
            clientDataJSON: text(made.response.clientDataJSON),
            attestationObject: text(made.response.attestationObject),
            transports: made.response.getTransports?.() || [],
        },
        clientExtensionResults: made.getClientExtensionResults(),
    };
}

export async function prove(options) {
    const found = await navigator.credentials.get({
        publicKey: {
            ...options,
            challenge: bytes(options.challenge),
            allowCredentials: listed(options.allowCredentials),
        },
    });
    const response = found.response;
    return {
        id: found.id,
        rawId: text(found.rawId),
        type: found.type,
        response: {
            clientDataJSON: text(response.clientDataJSON),
            authenticatorData: text(response.authenticatorData),
            signature: text(response.signature),
            userHandle: response.userHandle ? text(response.userHandle) : null,
        },
        clientExtensionResults: found.getClientExtensionResults(),
    };
}
