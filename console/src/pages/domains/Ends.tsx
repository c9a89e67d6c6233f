import type { Domain } from './names';

// When a certificate ends, in words; the colour only underlines them.
export function Ends({ certificate }: { certificate: Domain['certificate'] }) {
    if (!certificate) {
        return <span className="soft">no certificate yet</span>;
    }
    const left = certificate.days_left;
    if (left === null) {
        return <span className="soft">{certificate.status.replaceAll('_', ' ')}</span>;
    }
    const near = left < 14;
    return (
        <span className={near ? undefined : 'soft'} style={near ? { color: 'var(--deck-bad)', fontWeight: 600 } : undefined}>
            {left < 0 ? 'certificate has ended' : `certificate: ${left} days left`}
        </span>
    );
}
