import type { Schema } from '@/api/query';
import { Grid } from '@/parts/Grid';
import { Panel } from '@/parts/Panel';
import { conditions } from './conditions';

type View = Schema<'RulesView'>;
// The client knows a pair as a list.
type All = Pick<View, 'auth' | 'backends' | 'locales' | 'looks' | 'not_found' | 'trailing_slash' | 'spa' | 'clean_urls'> & {
    headers: (Omit<View['headers'][number], 'headers'> & { headers: (string | null)[][] })[];
};

const place = (one: { source: string; line: number }) => (
    <span className="mono soft">
        {one.source}:{one.line}
    </span>
);

// What stands beside the rules: headers, passwords, servers, languages, and how files are found.
export function Beside({ of }: { of: All }) {
    return (
        <>
            {of.headers.length > 0 && (
                <Panel title={`Headers (${of.headers.length})`} about="Of several that fit, the last wins." flush>
                    <Grid
                        name="Headers"
                        rows={of.headers}
                        keyOf={one => `${one.source}:${one.line}`}
                        columns={[
                            { label: 'For', shows: one => <span className="mono">{one.path}</span> },
                            { label: 'Sets', shows: one => one.headers.map(([name, value]) => <div className="mono" key={String(name)} style={{ overflowWrap: 'anywhere' }}>{value === null ? `removes ${String(name)}` : `${String(name)}: ${String(value)}`}</div>) },
                            { label: 'If', shows: one => conditions(one.when).join(', ') },
                            { label: 'Place', shows: place },
                        ]}
                    />
                </Panel>
            )}
            {of.auth.length > 0 && (
                <Panel title={`Passwords (${of.auth.length})`} about="Asked before anything else." flush>
                    <Grid
                        name="Passwords"
                        rows={of.auth}
                        keyOf={one => `${one.source}:${one.line}`}
                        columns={[
                            { label: 'For', shows: one => <span className="mono">{one.path}</span> },
                            { label: 'Realm', shows: one => one.realm },
                            { label: 'Who', shows: one => one.users.join(', ') },
                            { label: 'Place', shows: place },
                        ]}
                    />
                </Panel>
            )}
            {of.backends.length > 0 && (
                <Panel title={`Backends (${of.backends.length})`} flush>
                    <Grid
                        name="Backends"
                        rows={of.backends}
                        keyOf={one => one.name}
                        columns={[
                            { label: 'Name', shows: one => <strong>{one.name}</strong> },
                            { label: 'Addresses', shows: one => one.origins.map(origin => <div key={origin.name} style={{ overflowWrap: 'anywhere' }}><span className="mono">{origin.url}</span> <span className="soft">weight {origin.weight}</span></div>) },
                            { label: 'Health', shows: one => <span className="mono">{one.health || 'not asked'}</span> },
                            { label: 'Faults', shows: one => <span className="soft">{one.failures} in a row, then {one.pause_seconds} s apart; {one.timeout_seconds} s to answer; old answers for {one.stale_seconds} s</span> },
                        ]}
                    />
                </Panel>
            )}
            <Panel title="How files are found">
                <ul style={{ margin: 0, paddingLeft: '1.1rem' }}>
                    <li>A slash at the end: {of.trailing_slash}</li>
                    <li>What is not there is answered with {of.not_found}</li>
                    {of.spa !== null && <li>{of.spa ? 'Navigations without a file get index.html' : 'Only files are answered, index.html for none'}</li>}
                    {of.clean_urls !== null && <li>{of.clean_urls ? '/about is answered with about.html' : 'Pages are asked for with their .html'}</li>}
                    {of.locales && <li>Languages: {of.locales.names.join(', ')}; {of.locales.default} is the default</li>}
                    {of.looks.length > 0 && <li>The rules look at: {of.looks.join(', ')}</li>}
                </ul>
            </Panel>
        </>
    );
}
