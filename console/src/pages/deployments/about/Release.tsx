import { Code, Stack, Text } from '@mantine/core';
import { $api } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { bytes, count } from '@/parts/units';
import { When } from '@/parts/When';
import { Facts } from '../Facts';

// Everything the deployment was frozen with before it was published.
export function Release({ deployment }: { deployment: string }) {
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/release', { params: { path: { deployment } } }, { retry: false });
    return (
        <Loaded query={query}>
            {release => (
                <Stack>
                    <Panel title="Frozen" about="None of it changes afterwards; a rollback brings all of it back.">
                        <Facts
                            of={[
                                ['When', <When at={release.frozen_at} />],
                                ['Files', `${count(release.files)}, ${bytes(release.bytes)}`],
                                release.listing && ['List of files', <Copy key="l" text={release.listing} shown={release.listing.slice(0, 16)} what="the digest of the list" />],
                                release.rules && ['Rules', <Copy key="r" text={release.rules} shown={release.rules.slice(0, 16)} what="the digest of the rules" />],
                                release.framework && ['Framework', release.framework],
                            ]}
                        />
                    </Panel>
                    <Panel title="Variables" about="What its build was given, by name.">
                        {release.variables.length ? <Text className="mono">{release.variables.join(', ')}</Text> : <Text className="soft">None.</Text>}
                    </Panel>
                    {release.schedules.length > 0 && (
                        <Panel title="Schedules">
                            {release.schedules.map(one => (
                                <div key={one.name}>
                                    {one.name} <span className="mono">{one.cron}</span> <span className="soft">{one.timezone}</span>
                                </div>
                            ))}
                        </Panel>
                    )}
                    <Panel title="Build settings">
                        <Code block tabIndex={0} role="region" aria-label="Settings">{JSON.stringify(release.settings, null, 2)}</Code>
                    </Panel>
                </Stack>
            )}
        </Loaded>
    );
}
