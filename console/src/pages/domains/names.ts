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
