import { Badge, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconBrandGithub, IconLock, IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Loaded } from '@/parts/Loaded';
import { useWrite } from '@/parts/write';
import { brought } from './brought';
import classes from './New.module.css';
import type { Repository } from './plan';
import { nameOf } from './slug';

const SHOWN = 50;

// Repositories of the accounts at GitHub that the team is connected with.
export function GitHub({ team, now, choose }: { team: string; now: Repository | undefined; choose: (repository: Repository) => void }) {
    const accounts = $api.useQuery('get', '/v1/teams/{team}/git', { params: { path: { team } } });
    const [account, setAccount] = useState<string | null>(null);
    const write = useWrite('/v1/teams/{team}/git');
    const finish = write.run;
    const navigate = useNavigate();

    useEffect(() => {
        const visitor = brought();
        if (visitor) {
            // What GitHub sent is for one use, and has no place in the address or the history.
            void navigate({ to: '.', search: { way: 'repository' } as never, replace: true });
            void finish(() => api.POST('/v1/teams/{team}/git/github', { params: { path: { team } }, body: visitor }), 'The account is connected.');
        }
    }, [team]);

    const connect = () =>
        write.run(async () => {
            const { data } = await api.POST('/v1/teams/{team}/git/github/start', {
                params: { path: { team } },
                body: { return_to: `${location.origin}/teams/${team}/new?way=repository` },
            });
            location.assign(data?.url ?? '');
        });
    return (
        <Stack gap="sm">
            {write.fault && <Fault of={write.fault} />}
            <Loaded query={accounts} rows={1}>
                {({ items }) => {
                    const chosen = account ?? items[0]?.id ?? null;
                    return (
                        <>
                            <Group align="flex-end">
                                {items.length > 0 && (
                                    <Select
                                        label="Account"
                                        flex={1}
                                        allowDeselect={false}
                                        data={items.map(one => ({ value: one.id, label: one.account }))}
                                        value={chosen}
                                        onChange={setAccount}
                                    />
                                )}
                                <Button variant={items.length ? 'default' : 'filled'} leftSection={<IconBrandGithub size={17} />} loading={write.busy} onClick={() => void connect()}>
                                    {items.length ? 'Another account' : 'Connect GitHub'}
                                </Button>
                            </Group>
                            {items.length === 0 && (
                                <Text size="sm" className="soft">
                                    GitHub asks which repositories may be read. Any other repository can be given by its address.
                                </Text>
                            )}
                            {chosen && <Offers team={team} installation={chosen} now={now} choose={choose} />}
                        </>
                    );
                }}
            </Loaded>
        </Stack>
    );
}

function Offers({ team, installation, now, choose }: { team: string; installation: string; now: Repository | undefined; choose: (repository: Repository) => void }) {
    const offers = $api.useQuery('get', '/v1/teams/{team}/git/{installation}/repositories', { params: { path: { team, installation } } });
    const [typed, type] = useState('');
    const wanted = typed.trim().toLowerCase();
    return (
        <Loaded query={offers}>
            {({ items }) => {
                const found = items.filter(one => one.name.toLowerCase().includes(wanted));
                return (
                    <>
                        <TextInput
                            type="search"
                            aria-label="Search repositories"
                            placeholder={`Search ${items.length} repositories`}
                            leftSection={<IconSearch size={16} />}
                            value={typed}
                            onChange={event => type(event.currentTarget.value)}
                        />
                        <ul className={classes.offers} aria-label="Repositories">
                            {found.slice(0, SHOWN).map(one => {
                                const chosen = now?.asked.url === one.url;
                                return (
                                    <li key={one.id}>
                                        <IconBrandGithub size={17} aria-hidden="true" />
                                        <span className="clip">{one.name}</span>
                                        {one.private && <IconLock size={14} aria-label="private" />}
                                        <Badge variant="default" tt="none" fw={500}>
                                            {one.branch}
                                        </Badge>
                                        <Button
                                            size="compact-sm"
                                            variant={chosen ? 'filled' : 'default'}
                                            aria-pressed={chosen}
                                            aria-label={`Choose ${one.name}`}
                                            onClick={() => choose({ kind: 'repository', name: nameOf(one.name), asked: { provider: 'github', url: one.url, installation } })}
                                        >
                                            {chosen ? 'Chosen' : 'Choose'}
                                        </Button>
                                    </li>
                                );
                            })}
                        </ul>
                        {found.length === 0 && <Text className="soft">No repository of this account is called so. Those that GitHub shows us are chosen at GitHub.</Text>}
                        {found.length > SHOWN && <Text className="soft">{found.length - SHOWN} more: search for them.</Text>}
                    </>
                );
            }}
        </Loaded>
    );
}
