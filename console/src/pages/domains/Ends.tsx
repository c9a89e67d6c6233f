import { ends, type Domain } from './names';

// When a certificate ends, in words; the colour only underlines them.
export function Ends({ certificate }: { certificate: Domain['certificate'] }) {
    if (!certificate) {
        return <span className="soft">no certificate yet</span>;
    }
    const { says, near } = ends(certificate);
    return (
        <span className={near ? undefined : 'soft'} style={near ? { color: 'var(--deck-bad)', fontWeight: 600 } : undefined}>
            {says}
        </span>
    );
}
