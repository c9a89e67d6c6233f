import { Timeline } from '@mantine/core';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { paged } from '@/parts/paged';
import { SideSheet } from '@/parts/Sheet';
import { When } from '@/parts/When';
import { scope, WHENS } from './variables';

const DID = { created: 'Set for the first time', updated: 'Changed', removed: 'Deleted' };

// Who changed a variable and how, for 400 days; never what it was.
export function History({ project, name, onClose }: { project: string; name: string; onClose: () => void }) {
    const changes = $api.useInfiniteQuery('get', '/v1/projects/{project}/env/{name}/history', { params: { path: { project, name }, query: { limit: 25 } } }, paged);
    return (
        <SideSheet opened onClose={onClose} position="right" title={`History of ${name}`}>
            <Loaded query={changes}>
                {({ pages }) => {
                    const items = pages.flatMap(page => page.items);
                    if (!items.length) {
                        return <Empty title="Nothing is known">Changes are kept for 400 days.</Empty>;
                    }
                    return (
                        <>
                            <Timeline bulletSize={14} lineWidth={2} active={items.length}>
                                {items.map(one => (
                                    <Timeline.Item key={one.at + one.environment + (one.branch ?? '')} title={`${DID[one.what]} for ${scope(one)}`}>
                                        <div className="soft">
                                            <When at={one.at} /> by <span className="mono">{one.by}</span> ({one.how})
                                        </div>
                                        <div className="soft">
                                            Version {one.version}, {one.secret ? 'secret' : 'not secret'}, at {WHENS[one.when as keyof typeof WHENS] ?? one.when}
                                            {one.changed.length > 0 && `; changed: ${one.changed.join(', ')}`}
                                        </div>
                                    </Timeline.Item>
                                ))}
                            </Timeline>
                            <More of={changes} />
                        </>
                    );
                }}
            </Loaded>
        </SideSheet>
    );
}
