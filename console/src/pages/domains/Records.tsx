import type { ReactNode } from 'react';
import { Copy } from '@/parts/Copy';
import { Panel } from '@/parts/Panel';
import classes from './domains.module.css';
import type { Domain } from './names';

// Exactly what has to be in DNS, to be taken there; and redirects that a present server has to give.
export function Records({ records, redirects, actions }: { records: Domain['records']; redirects: Domain['redirects']; actions: ReactNode }) {
    return (
        <>
            {records.length > 0 && (
                <Panel title="DNS records" about="Set these where the DNS of the domain is kept, and leave them in place." actions={actions} flush>
                    {records.map(record => (
                        <dl className={classes.record} key={record.type + record.name + record.value}>
                            <dt>Type</dt>
                            <dd>
                                <strong className="mono">{record.type}</strong>
                            </dd>
                            <dt>Name</dt>
                            <dd>
                                <Copy whole text={record.name} what={`the name of the ${record.type} record`} />
                            </dd>
                            <dt>Value</dt>
                            <dd>
                                <Copy whole text={record.value} what={`the value of the ${record.type} record`} />
                            </dd>
                            <dt>Why</dt>
                            <dd className="soft">{record.note}</dd>
                        </dl>
                    ))}
                </Panel>
            )}
            {redirects.length > 0 && (
                <Panel title="Redirects at your present server" about="They prove to the certificate's issuer that the domain is yours." flush>
                    {redirects.map(one => (
                        <dl className={classes.record} key={one.source}>
                            <dt>From</dt>
                            <dd>
                                <Copy whole text={one.source} what="the address to redirect" />
                            </dd>
                            <dt>To</dt>
                            <dd>
                                <Copy whole text={one.target} what="the target of the redirect" />
                            </dd>
                        </dl>
                    ))}
                </Panel>
            )}
        </>
    );
}
