import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Page } from '@/parts/Page';
import { permits } from '@/parts/roles';
import { useNames } from '@/shell/where';
import { DeleteTeam } from './team/DeleteTeam';
import { GitAccounts } from './team/GitAccounts';
import { Identity } from './team/Identity';
import { SecondFactor } from './team/SecondFactor';

// What a team is called, who pays, what it asks of its members, and its end.
export function TeamSettings() {
    const { team } = useNames();
    const details = $api.useQuery('get', '/v1/teams/{team}', { params: { path: { team } } });
    return (
        <Page title="Settings" about="Of the team.">
            <Loaded query={details}>
                {found => (
                    <>
                        {found.status === 'suspended' && (
                            <Notice tone="bad" title="This team is suspended">
                                It can be read and not changed; its sites stay up. Ask those who run this installation.
                            </Notice>
                        )}
                        <Identity team={found} changes={permits(found.role, 'team.update')} />
                        <SecondFactor team={found} changes={permits(found.role, 'team.update')} />
                        <GitAccounts team={found.slug} manages={permits(found.role, 'git.manage')} />
                        {permits(found.role, 'team.delete') && <DeleteTeam team={found} />}
                    </>
                )}
            </Loaded>
        </Page>
    );
}
