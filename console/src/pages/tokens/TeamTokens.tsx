import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { $api, type Schema } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { Page } from '@/parts/Page';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/roles';
import { useHere, useNames } from '@/shell/where';
import { NewToken } from './NewToken';
import { Secret } from './Secret';
import { TokenList } from './TokenList';

// The keys by which machines act in a team.
export function TeamTokens() {
    const { team } = useNames();
    const role = useHere().team?.role;
    const manages = permits(role, 'key.manage');
    const creates = permits(role, 'key.create');
    const reads = permits(role, 'key.read');
    const keys = $api.useInfiniteQuery('get', '/v1/keys', { params: { query: { team, limit: 50 } } }, { ...paged, enabled: reads });
    const [making, setMaking] = useState(false);
    const [made, setMade] = useState<Schema<'NewKeyView'>>();
    const begin = (
        <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
            New token
        </Button>
    );
    return (
        <Page
            title="Tokens"
            about={manages ? 'The keys of this team: of its people, its services and its projects.' : 'Your keys in this team.'}
            actions={creates && begin}
        >
            <Panel flush>
                {!reads && role ? (
                    <Empty icon={<IconKey />} title="Your role has no keys">
                        Developers, admins and owners make keys.
                    </Empty>
                ) : (
                    <Loaded query={keys}>
                        {({ pages }) => {
                            const rows = pages.flatMap(page => page.items);
                            return rows.length === 0 ? (
                                <Empty icon={<IconKey />} title="No tokens yet" action={creates && begin}>
                                    A token lets a script or another service use the API. It can do what you choose, and no more.
                                </Empty>
                            ) : (
                                <TokenList rows={rows} />
                            );
                        }}
                    </Loaded>
                )}
            </Panel>
            <More of={keys} />
            {making && <NewToken team={team} role={role ?? ''} onClose={() => setMaking(false)} onMade={setMade} />}
            {made && <Secret of={made} onClose={() => setMade(undefined)} />}
        </Page>
    );
}
