import { Button, Menu } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { Page } from '@/parts/Page';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/permits';
import { useTeams } from '@/shell/where';
import { NewToken } from '../tokens/NewToken';
import { Secret } from '../tokens/Secret';
import { TokenList } from '../tokens/TokenList';

// The keys that act as oneself, in all teams. Each is of one team, so that none can do more than it has to.
export function Tokens() {
    const teams = useTeams().filter(team => permits(team.role, 'key.create'));
    const keys = $api.useInfiniteQuery('get', '/v1/keys', { params: { query: { limit: 50 } } }, paged);
    const [team, setTeam] = useState<Schema<'MeView'>['teams'][number]>();
    const [made, setMade] = useState<Schema<'NewKeyView'>>();
    const begin = teams.length > 0 && (
        <Menu position="bottom-end">
            <Menu.Target>
                <Button leftSection={<IconPlus size={16} />}>New token</Button>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.Label>For which team?</Menu.Label>
                {teams.map(one => (
                    <Menu.Item key={one.id} onClick={() => setTeam(one)}>
                        {one.name}
                    </Menu.Item>
                ))}
            </Menu.Dropdown>
        </Menu>
    );
    return (
        <Page title="Tokens" about="What acts as you, in scripts and other services." actions={begin}>
            <Panel flush>
                <Loaded query={keys}>
                    {({ pages }) => {
                        const rows = pages.flatMap(page => page.items);
                        return rows.length ? (
                            <TokenList rows={rows} />
                        ) : (
                            <Empty icon={<IconKey />} title="No tokens yet">
                                A token lets a script use the API as you, in one team. It can do what you choose, and no more.
                            </Empty>
                        );
                    }}
                </Loaded>
            </Panel>
            <More of={keys} />
            {team && <NewToken team={team.slug} role={team.role} onClose={() => setTeam(undefined)} onMade={setMade} />}
            {made && <Secret of={made} onClose={() => setMade(undefined)} />}
        </Page>
    );
}
