import { Button, PasswordInput, Radio, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSitemap } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { When } from '@/parts/When';
import { about, useWrite } from '@/parts/write';
import { Zone } from './Zone';

const KINDS: Record<string, string> = { route53: 'Route 53', cloudflare: 'Cloudflare', local: 'this machine' };

// The DNS zones of a team; one of them opened.
export function Zones({ team }: { team: string }) {
    const zones = $api.useQuery('get', '/v1/teams/{team}/zones', { params: { path: { team } } });
    const [name, open] = useInAddress('zone', '');
    const [adding, { open: add, close }] = useDisclosure();
    const manages = useMay()('domain.manage');
    const zone = zones.data?.items.find(one => one.name === name);
    if (zone) {
        return <Zone team={team} zone={zone} manages={manages} back={() => open(null)} />;
    }
    const button = manages && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={add}>
            Add zone
        </Button>
    );
    return (
        <Panel title="DNS zones" about="Keep the DNS of a domain here, and its records are written for you." actions={button} flush>
            <Loaded query={zones}>
                {({ items }) =>
                    items.length ? (
                        <Grid
                            name="DNS zones"
                            rows={items}
                            keyOf={one => one.name}
                            columns={[
                                {
                                    label: 'Zone',
                                    shows: one => (
                                        <Button variant="subtle" size="compact-sm" onClick={() => open(one.name)}>
                                            {one.name}
                                        </Button>
                                    ),
                                },
                                { label: 'Kept at', shows: one => KINDS[one.provider] ?? one.provider },
                                { label: 'Name servers', shows: one => one.name_servers.map(server => <Copy key={server} text={server} what="the name server" />) },
                                { label: 'Since', shows: one => <When at={one.created_at} /> },
                            ]}
                        />
                    ) : (
                        <Empty icon={<IconSitemap />} title="No zones yet" action={button}>
                            Add one and name its servers at your registrar, or use a zone that you have at Cloudflare.
                        </Empty>
                    )
                }
            </Loaded>
            <AddZone team={team} opened={adding} onClose={close} />
        </Panel>
    );
}

function AddZone({ team, opened, onClose }: { team: string; opened: boolean; onClose: () => void }) {
    const [name, setName] = useState('');
    const [where, setWhere] = useState('here');
    const [token, setToken] = useState('');
    const write = useWrite('/v1/teams/{team}/zones');
    const send = async () => {
        await api.POST('/v1/teams/{team}/zones', { params: { path: { team } }, body: { name: name.trim().toLowerCase(), token: where === 'cloudflare' ? token.trim() : null } });
        setName('');
        setToken('');
    };
    return (
        <FormModal opened={opened} onClose={onClose} title="Add a DNS zone" action="Add" write={write} send={send} said="The zone was added." disabled={!name.trim() || (where === 'cloudflare' && !token.trim())}>
            <TextInput label="Zone" placeholder="example.com" value={name} onChange={event => setName(event.currentTarget.value)} error={about(write.fault, '/name')} autoComplete="off" data-autofocus />
            <Radio.Group label="Where it is kept" value={where} onChange={setWhere}>
                <Stack gap="xs" mt="xs">
                    <Radio value="here" label="Here" description="A new zone; your registrar has to name its servers." />
                    <Radio value="cloudflare" label="In your Cloudflare account" description="Records are written there, unproxied." />
                </Stack>
            </Radio.Group>
            {where === 'cloudflare' && (
                <PasswordInput
                    label="Cloudflare API token"
                    description="With the rights to read the zone and to edit its DNS. It is sealed and never shown."
                    value={token}
                    onChange={event => setToken(event.currentTarget.value)}
                    error={about(write.fault, '/token')}
                    autoComplete="off"
                />
            )}
        </FormModal>
    );
}
