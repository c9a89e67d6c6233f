// Passkeys by WebAuthn's own JSON forms: what the API sends and takes is what browsers read and write.
// Source: https://www.w3.org/TR/webauthn-3/ sections 5.1.8 to 5.1.10.

type Json = Record<string, unknown>;

export const supported = (): boolean => 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

export async function prove(options: unknown): Promise<Json> {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
    return told(await navigator.credentials.get({ publicKey }));
}

export async function register(options: unknown): Promise<Json> {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
    return told(await navigator.credentials.create({ publicKey }));
}

function told(credential: Credential | null): Json {
    if (!(credential instanceof PublicKeyCredential)) {
        throw new Error('The browser gave no passkey.');
    }
    return credential.toJSON() as Json;
}
