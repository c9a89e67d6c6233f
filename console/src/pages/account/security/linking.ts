import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { done, failed } from '@/parts/notices';
import { leave, returned } from '../../doors/pkce';
import { refusal } from '../../doors/refusals';

const HERE = '/account/security';

// Go to a provider, to come back as somebody it knows.
export function link(provider: string): Promise<void> {
    const start = async (body: { return_to: string; challenge: string }) => (await api.POST('/v1/me/identities/{provider}/start', { params: { path: { provider } }, body })).data;
    return leave(HERE, { to: '', provider }, start);
}

// Back from there, with `?code=` or `?error=`: the account elsewhere is linked, once.
export function useLinked(): void {
    const { searchStr } = useLocation();
    const navigate = useNavigate();
    const once = useRef(false);
    useEffect(() => {
        const query = new URLSearchParams(searchStr);
        const [code, error] = [query.get('code'), query.get('error')];
        if (once.current || (code === null && error === null)) {
            return;
        }
        once.current = true;
        const { provider = '', verifier } = returned();
        void navigate({ to: HERE, replace: true });
        if (error !== null || !provider) {
            failed(new Error(refusal(error ?? 'access_denied')));
            return;
        }
        api.POST('/v1/me/identities/{provider}', { params: { path: { provider } }, body: { code: code ?? '', verifier } }).then(() => {
            stale('/v1/me/identities');
            done('Linked: it signs you in from now on.');
        }, failed);
    });
}
