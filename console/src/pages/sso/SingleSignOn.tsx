import { IconUserCheck } from '@tabler/icons-react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { useMaybe } from '@/parts/absent';
import { Empty } from '@/parts/Empty';
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
    const sso = useMaybe('/v1/teams/{team}/sso', team, 'sso_not_found', () => api.GET('/v1/teams/{team}/sso', { params: { path: { team } } }), reads);
    return (
        <Page title="Single sign-on" about="Your people come in by your own identity provider, over OpenID Connect or SAML 2.0.">
            {here && !reads ? (
                <Panel>
                    <Empty icon={<IconUserCheck />} title="Not for your role">
                        Owners and admins see how single sign-on is set up.
                    </Empty>
                </Panel>
            ) : (
                <Loaded query={sso}>
                    {found => (
                        <Loaded query={domains}>
                            {({ items }) => here && <Setup team={team} id={here.id} manages={permits(here.role, 'sso.manage')} domains={items} sso={found ?? undefined} />}
                        </Loaded>
                    )}
                </Loaded>
            )}
        </Page>
    );
}
