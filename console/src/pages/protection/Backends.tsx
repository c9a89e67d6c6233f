import { IconServer } from '@tabler/icons-react';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { duration } from '@/parts/units';
import { When } from '@/parts/When';

// The servers behind what visitors see, and how they were when they were asked last.
export function Backends({ project }: { project: string }) {
    const backends = $api.useQuery('get', '/v1/projects/{project}/backends', { params: { path: { project } } }, { refetchInterval: 15_000 });
    return (
        <Panel title="Backends" about="Those with a health path are asked every minute; what answers badly twice is left alone until it is well." flush>
            <Loaded query={backends}>
                {({ items }) =>
                    items.length ? (
                        <Grid
                            name="Backends"
                            rows={items}
                            keyOf={one => `${one.backend} ${one.name}`}
                            columns={[
                                { label: 'Backend', shows: one => <strong>{one.backend}</strong> },
                                { label: 'Address', shows: one => <><div className="mono" style={{ overflowWrap: 'anywhere' }}>{one.url}</div><div className="soft">{one.name}, {one.named ? 'only when named' : `weight ${one.weight}`}</div></> },
                                { label: 'Health', shows: one => <State of={one.healthy === null ? 'not asked' : one.healthy ? 'healthy' : 'unhealthy'} /> },
                                { label: 'Last answer', shows: one => (one.status ? <span className="numbers">{one.status} in {duration(one.milliseconds)}</span> : <span className="soft">{one.why || 'none yet'}</span>) },
                                { label: 'So since', shows: one => (one.since ? <When at={one.since} /> : '') },
                                { label: 'Asked', shows: one => (one.checked_at ? <When at={one.checked_at} /> : '') },
                            ]}
                        />
                    ) : (
                        <Empty icon={<IconServer />} title="No backends">
                            A rewrite to a server of yours makes one; [[backends]] in clouddeck.toml gives it several addresses and a health path.
                        </Empty>
                    )
                }
            </Loaded>
        </Panel>
    );
}
