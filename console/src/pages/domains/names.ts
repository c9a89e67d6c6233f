import type { Schema } from '@/api/query';

export type Domain = Schema<'DomainsDomainView'>;

// `example.com` goes with `www.example.com` and the other way round; other names stand alone.
export function companion(name: string): string | null {
    const labels = name.toLowerCase().split('.');
    if (labels.some(label => !label || label === '*') || labels.length < 2) {
        return null;
    }
    if (labels[0] === 'www' && labels.length > 2) {
        return labels.slice(1).join('.');
    }
    return labels.length === 2 || (labels.length === 3 && below(labels[1] ?? '', labels[2] ?? '')) ? `www.${labels.join('.')}` : null;
}

// `co.uk`, `com.au`: a short word below a country. A guess, and only about what to offer.
function below(second: string, first: string): boolean {
    return first.length === 2 && second.length <= 3;
}

// Whether records of this name are written into this zone.
export function within(name: string, zone: string): boolean {
    const bare = name.replace(/^\*\./, '');
    return bare === zone || bare.endsWith(`.${zone}`);
}

export const STAGES = ['Ownership', 'DNS', 'Edge', 'Certificate', 'Live'] as const;

const REACHED: Partial<Record<Domain['state'], number>> = {
    requested: 0, ownership_pending: 0, dns_pending: 1, tenant_creating: 2, certificate_pending: 3, certificate_issued: 3, attaching: 4, active: 5, misconfigured: 1, conflict: 0,
};

// On its way out, or gone: nothing is to be set up any more.
export const leaving = (domain: Pick<Domain, 'state'>): boolean => domain.state === 'removing' || domain.state === 'removed';

// What to do next, where the API names a command and this page has a button.
const HERE: Partial<Record<Domain['state'], string>> = {
    ownership_pending: 'Set the TXT record below where the DNS of the domain is kept. It is looked for by itself, or at once by Check now.',
    conflict: 'Remove it there, or set the TXT record below to prove that it is yours; then press Check now.',
    failed: 'Correct what stands above, then press Check now.',
};

export const nextStep = (domain: Pick<Domain, 'state' | 'next_step'>): string =>
    HERE[domain.state] ?? domain.next_step.replace(/^Nothing\. /, '').replace(/^Nothing\b/, 'Nothing to do');

// What was found, as a sentence; one that begins with a name keeps it as it is written.
export function found(detail: string): string {
    const first = detail.split(' ')[0] ?? '';
    const begun = /^[a-z]+$/.test(first) ? detail.slice(0, 1).toUpperCase() + detail.slice(1) : detail;
    return begun && !/[.!?]$/.test(begun) ? `${begun}.` : begun;
}

// When a certificate ends, in words, and whether somebody should look after it: one that renews itself is late with less
// than 30 days left, one's own is spoken of 45 days before.
export function ends(certificate: NonNullable<Domain['certificate']>, now = Date.now()): { says: string; near: boolean } {
    const { days_left: left, expires_at: end, source, status } = certificate;
    if (left === null || end === null) {
        return { says: status.replaceAll('_', ' '), near: false };
    }
    if (new Date(end).getTime() <= now) {
        return { says: 'certificate has ended', near: true };
    }
    const days = left === 0 ? 'ends today' : left === 1 ? '1 day left' : `${left} days left`;
    return { says: `certificate: ${days}`, near: left < (source === 'own' ? 45 : 30) };
}

// An issuer as people call it: the name out of `CN=R11,O=Let's Encrypt,C=US`. A comma in a name has a backslash before it.
export function issuerName(issuer: string): string {
    const parts = new Map(issuer.split(/(?<!\\),/).map(part => [part.split('=')[0]?.trim() ?? '', part.slice(part.indexOf('=') + 1).replaceAll('\\,', ',')]));
    const names = [parts.get('CN'), parts.get('O')].filter(Boolean);
    return names.join(', ') || issuer;
}

// How many stages are behind a domain, and whether the one it is at went wrong.
export function reached(domain: Pick<Domain, 'state' | 'proven_at' | 'certificate'>): { behind: number; stuck: boolean } {
    const behind = REACHED[domain.state] ?? (domain.certificate ? 4 : domain.proven_at ? 1 : 0);
    return { behind, stuck: ['misconfigured', 'conflict', 'failed'].includes(domain.state) };
}

export function tone(state: Domain['state']): 'good' | 'warn' | 'bad' | 'live' | 'idle' {
    if (state === 'active') {
        return 'good';
    }
    if (['failed', 'conflict', 'misconfigured'].includes(state)) {
        return 'bad';
    }
    if (state === 'ownership_pending' || state === 'dns_pending') {
        return 'warn';
    }
    return state === 'removed' ? 'idle' : 'live';
}
