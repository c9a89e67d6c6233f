// Passkeys by WebAuthn's own JSON forms: what the API sends and takes is what browsers read and write.
// Source: https://www.w3.org/TR/webauthn-3/ sections 5.1.8 to 5.1.10.

import { Problem } from './problem';

type Json = Record<string, unknown>;

export const supported = (): boolean => 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

export async function prove(options: unknown): Promise<Json> {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
    return told(() => navigator.credentials.get({ publicKey }));
}

export async function register(options: unknown): Promise<Json> {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
    return told(() => navigator.credentials.create({ publicKey }));
}

async function told(asked: () => Promise<Credential | null>): Promise<Json> {
    const credential = await asked().catch((thrown: unknown) => {
        throw refused(thrown);
    });
    if (!(credential instanceof PublicKeyCredential)) {
        throw new Problem(0, 'passkey_missing', 'The browser gave no passkey.', 'Try again, or use another way.');
    }
    return credential.toJSON() as Json;
}

const WHY: Record<string, [code: string, detail: string, hint: string]> = {
    NotAllowedError: ['passkey_ended', 'No passkey was used.', 'The dialog was closed, or waited too long. Try again, or use another way.'],
    AbortError: ['passkey_ended', 'No passkey was used.', 'The dialog was closed, or waited too long. Try again, or use another way.'],
    InvalidStateError: ['passkey_known', 'This device has a passkey of this account already.', 'Use it to sign in.'],
    SecurityError: ['passkey_elsewhere', 'Passkeys belong to another address than this page has.', 'Open the console by its own address.'],
};

// Browsers throw where somebody closes their dialog: what that means, as a person should read it.
export function refused(thrown: unknown): unknown {
    const why = thrown instanceof DOMException ? WHY[thrown.name] : undefined;
    return why ? new Problem(0, ...why) : thrown;
}
