import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { useWrite } from '@/parts/write';
import type { Sso } from './Setup';
import classes from './Setup.module.css';

// What the identity provider wants to know of us. Before anything is set up the values follow from the API's address
// and the team's id, as docs/sso.md has them.
export function Ours({ team, id, kind, sso }: { team: string; id: string; kind: 'oidc' | 'saml'; sso: Sso | undefined }) {
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    return (
        <Panel title="Our values" about="Put these into your identity provider.">
            <Loaded query={meta} rows={2}>
                {({ api: base }) => (
                    <dl className={classes.values}>
                        {kind === 'oidc' ? (
                            <>
                                <dt className="soft">Redirect URI</dt>
                                <dd>
                                    <Copy text={sso?.redirect_uri ?? `${base}/v1/auth/callback/${id}`} what="the redirect URI" />
                                </dd>
                            </>
                        ) : (
                            <>
                                <dt className="soft">ACS URL</dt>
                                <dd>
                                    <Copy text={sso?.acs_url ?? `${base}/v1/auth/saml/acs`} what="the ACS URL" />
                                </dd>
                                <dt className="soft">Entity ID</dt>
                                <dd>
                                    <Copy text={sso?.entity_id ?? `${base}/v1/teams/${id}/sso/metadata`} what="the entity ID" />
                                </dd>
                                <dt className="soft">All of it</dt>
                                <dd>
                                    <Metadata team={team} />
                                </dd>
                            </>
                        )}
                    </dl>
                )}
            </Loaded>
        </Panel>
    );
}

function Metadata({ team }: { team: string }) {
    const write = useWrite();
    const fetchIt = () =>
        write.run(async () => {
            const { data } = await api.GET('/v1/teams/{team}/sso/metadata', { params: { path: { team } }, parseAs: 'text' });
            const link = document.createElement('a');
            link.href = URL.createObjectURL(new Blob([String(data)], { type: 'application/samlmetadata+xml' }));
            link.download = `clouddeck-${team}.xml`;
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
        });
    return (
        <>
            <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} loading={write.busy} onClick={() => void fetchIt()}>
                Download metadata
            </Button>
            {write.fault && <Fault of={write.fault} />}
        </>
    );
}
