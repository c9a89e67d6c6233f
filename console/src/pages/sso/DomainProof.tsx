import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Fault } from '@/parts/Fault';
import { done } from '@/parts/notices';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import type { Domain } from './Setup';
import classes from './Setup.module.css';

// The record that proves a domain, and looking for it.
export function DomainProof({ team, manages, of }: { team: string; manages: boolean; of: Domain }) {
    const [asked, setAsked] = useState(false);
    const params = { path: { team, domain: of.domain } };
    const look = $api.useMutation('post', '/v1/teams/{team}/sso/domains/{domain}/verify', {
        onSuccess: found => found.state === 'proven' && done(`${found.domain} is proven.`),
    });
    const remove = async () => {
        await api.DELETE('/v1/teams/{team}/sso/domains/{domain}', { params });
        stale('/v1/teams/{team}/sso');
        done(`${of.domain} is given back.`);
    };
    return (
        <article className={classes.domain}>
            <Group justify="space-between" mb="sm">
                <Group gap="sm">
                    <h3>{of.domain}</h3>
                    <State of={of.state} tone={of.state === 'proven' ? 'good' : 'warn'} />
                </Group>
                {manages && (
                    <Group gap="xs">
                        <Button size="compact-sm" variant="default" loading={look.isPending} onClick={() => look.mutate({ params })} aria-label={`Look for the record of ${of.domain}`}>
                            Look now
                        </Button>
                        <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsked(true)} aria-label={`Remove ${of.domain}`}>
                            Remove
                        </Button>
                    </Group>
                )}
            </Group>
            <dl className={classes.values}>
                <dt className="soft">Type</dt>
                <dd>TXT</dd>
                <dt className="soft">Name</dt>
                <dd>
                    <Copy whole text={of.record_name} what="the name of the record" />
                </dd>
                <dt className="soft">Value</dt>
                <dd>
                    <Copy whole text={of.record_value} what="the value of the record" />
                </dd>
                <dt className="soft">Looked for</dt>
                <dd>
                    {of.checked_at ? <When at={of.checked_at} /> : 'not yet'}
                </dd>
            </dl>
            {look.isError && (
                <div className={classes.said}>
                    <Fault of={look.error} />
                </div>
            )}
            <Confirm opened={asked} onClose={() => setAsked(false)} title={`Remove ${of.domain}?`} action="Remove" onConfirm={remove}>
                People with an address there no longer come in by your provider, and any team may prove it.
            </Confirm>
        </article>
    );
}
