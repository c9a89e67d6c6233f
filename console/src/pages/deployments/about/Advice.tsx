import { Code, Stack, Text } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { bytes, duration } from '@/parts/units';

// What would make builds quicker and the site smaller, by what was seen.
export function Advice({ deployment }: { deployment: string }) {
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/advice', { params: { path: { deployment } } }, { retry: false });
    return (
        <Loaded query={query}>
            {({ items }) =>
                items.length ? (
                    <Stack>
                        {items.map(one => {
                            const saves = [one.saves_ms ? duration(one.saves_ms) : '', one.saves_bytes ? bytes(one.saves_bytes) : ''].filter(Boolean).join(' and ');
                            return (
                                <Panel key={one.kind + one.title} title={one.title} about={saves && `Saves about ${saves}.`}>
                                    <Stack gap="xs">
                                        <Text size="sm">{one.evidence}</Text>
                                        {one.change && <Code block tabIndex={0} role="region" aria-label="The change">{one.change}</Code>}
                                        {one.file && <Text size="sm" className="soft">In {one.file}</Text>}
                                    </Stack>
                                </Panel>
                            );
                        })}
                    </Stack>
                ) : (
                    <Panel>
                        <Empty icon={<IconBulb />} title="Nothing to improve">
                            Its steps, caches and files were looked at, and those of the builds before it.
                        </Empty>
                    </Panel>
                )
            }
        </Loaded>
    );
}
