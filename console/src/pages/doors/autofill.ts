import { useEffect, useRef } from 'react';
import { api } from '@/api/client';
import { supported } from '@/api/passkeys';

// Passkeys among what the browser fills into the e-mail field (WebAuthn, conditional mediation). It waits quietly until
// one is chosen; `stop` ends the waiting, since a page can ask for one credential at a time.
// Source: https://www.w3.org/TR/webauthn-3/ section 5.1.4.

const GOOD_MS = 4.5 * 60_000; // The API's challenge lives for five minutes.

export interface Chosen {
    challenge: string;
    credential: Record<string, unknown>;
}

export function usePasskeyAutofill(enabled: boolean, onChosen: (chosen: Chosen) => void): () => void {
    const told = useRef(onChosen);
    told.current = onChosen;
    const stop = useRef(() => {});
    useEffect(() => {
        if (!enabled || !supported() || !('isConditionalMediationAvailable' in PublicKeyCredential)) {
            return undefined;
        }
        const left = new AbortController();
        stop.current = () => left.abort();
        void wait(left.signal, chosen => told.current(chosen));
        return () => left.abort();
    }, [enabled]);
    return () => stop.current();
}

async function wait(left: AbortSignal, told: (chosen: Chosen) => void): Promise<void> {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable())) {
        return;
    }
    while (!left.aborted) {
        try {
            const { data } = await api.POST('/v1/auth/passkey/options', { signal: left });
            if (!data || left.aborted) {
                return;
            }
            const found = await navigator.credentials.get({
                publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(data.options as unknown as PublicKeyCredentialRequestOptionsJSON),
                mediation: 'conditional',
                signal: AbortSignal.any([left, AbortSignal.timeout(GOOD_MS)]),
            });
            if (found instanceof PublicKeyCredential) {
                told({ challenge: data.challenge, credential: found.toJSON() as Record<string, unknown> });
            }
            return;
        } catch (error) {
            if (!(error instanceof DOMException && error.name === 'TimeoutError')) {
                return; // Autofill is an offer; the button beside it says what is wrong.
            }
        }
    }
}
