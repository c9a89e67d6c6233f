import { IconUserCheck } from '@tabler/icons-react';
import { $api } from '@/api/query';
import { Problem } from '@/api/problem';
import { Empty } from '@/parts/Empty';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/roles';
import { useHere, useNames } from '@/shell/where';
import { Setup } from './Setup';

// Letting people in by the team's own identity provider, from the first domain to the only way in.
export function SingleSignOn() {
    const { team } = useNames();
    const { team: here } = useHere();
    const reads = permits(here?.role, 'sso.read');
    const domains = $api.useQuery('get', '/v1/teams/{team}/sso/domains', { params: { path: { team } } }, { enabled: reads });
    const sso = $api.useQuery('get', '/v1/teams/{team}/sso', { params: { path: { team } } }, { enabled: reads });
    const absent = sso.error instanceof Problem && sso.error.code === 'sso_not_found';
    return (
        <Page title="Single sign-on" about="Your people come in by your own identity provider, over OpenID Connect or SAML 2.0.">
            {here && !reads ? (
                <Panel>
                    <Empty icon={<IconUserCheck />} title="Not for your role">
                        Owners and admins see how single sign-on is set up.
                    </Empty>
                </Panel>
            ) : sso.error && !absent ? (
                <Fault of={sso.error} again={() => void sso.refetch()} />
            ) : sso.isPending || !here ? (
                <Loaded query={{ ...sso, data: undefined, error: null }}>{() => null}</Loaded>
            ) : (
                <Loaded query={domains}>
                    {({ items }) => <Setup team={team} id={here.id} manages={permits(here.role, 'sso.manage')} domains={items} sso={absent ? undefined : sso.data} />}
                </Loaded>
            )}
        </Page>
    );
}
