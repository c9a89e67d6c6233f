import { Button } from '@mantine/core';
import { IconGavel, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/roles';
import { useHere, useNames } from '@/shell/where';
import { BLANK, draftOf, type Draft } from './draft';
import { Editor } from './Editor';
import classes from './Policies.module.css';
import { PolicyCard } from './PolicyCard';
import { Simulator } from './Simulator';

// What restricts the roles of a team, and what comes of it: the editor and the simulator stand side by side, so that
// a policy can be tried before it counts.
export function Policies() {
    const { team } = useNames();
    const role = useHere().team?.role;
    const reads = permits(role, 'policy.read');
    const manages = permits(role, 'policy.manage');
    const list = $api.useQuery('get', '/v1/teams/{team}/policies', { params: { path: { team } } }, { enabled: reads });
    const [edited, setEdited] = useState<{ draft: Draft; isNew: boolean }>();
    const begin = (
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited({ draft: BLANK, isNew: true })}>
            New policy
        </Button>
    );
    if (role && !reads) {
        return (
            <Page title="Policies">
                <Panel>
                    <Empty icon={<IconGavel />} title="Not for your role">
                        Developers, admins and owners see the policies of a team.
                    </Empty>
                </Panel>
            </Page>
        );
    }
    return (
        <Page title="Policies" about="Roles permit; policies only take away. They hold from the next request on." actions={manages && !edited && begin}>
            <div className={classes.halves}>
                {edited ? (
                    <Editor
                        team={team}
                        draft={edited.draft}
                        isNew={edited.isNew}
                        taken={list.data?.items.map(one => one.name) ?? []}
                        onChange={draft => setEdited({ ...edited, draft })}
                        onClose={() => setEdited(undefined)}
                    />
                ) : (
                    <Panel title="In force" flush>
                        <Loaded query={list}>
                            {({ items }) =>
                                items.length === 0 ? (
                                    <Empty icon={<IconGavel />} title="No policies" action={manages && begin}>
                                        Everybody may do what their role permits. A policy can keep production calm on a Friday, or secrets in the office.
                                    </Empty>
                                ) : (
                                    items.map(one => (
                                        <PolicyCard key={one.name} team={team} policy={one} manages={manages} onEdit={() => setEdited({ draft: draftOf(one), isNew: false })} />
                                    ))
                                )
                            }
                        </Loaded>
                    </Panel>
                )}
                <Simulator team={team} draft={edited?.draft} />
            </div>
        </Page>
    );
}
