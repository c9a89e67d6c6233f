import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { Confirm } from '@/parts/Confirm';
import { Fault } from '@/parts/Fault';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { about, useWrite } from '@/parts/write';
import { lines } from './guard';

// What caches keep of backends' answers is forgotten. Files of a deployment never change, so there is nothing to forget of them.
export function Purge({ project }: { project: string }) {
    const [paths, setPaths] = useState('');
    const [tags, setTags] = useState('');
    const [all, setAll] = useState(false);
    const write = useWrite();
    const named = { paths: lines(paths), tags: lines(tags) };
    const purge = (body: { paths: string[]; tags: string[]; everything: boolean }) => api.POST('/v1/projects/{project}/purge', { params: { path: { project } }, body });
    const some = () =>
        write
            .run(() => purge({ ...named, everything: false }), 'They are being forgotten.')
            .then(ok => {
                if (ok) {
                    setPaths('');
                    setTags('');
                }
            });
    return (
        <Panel title="Purge caches" about="Answers of your backends that caches keep are forgotten. Files of a deployment never change and need no purge.">
            <Stack>
                <div className="columns">
                    <Textarea label="Paths" description="One in a line; /blog/* is all below" placeholder="/api/products" rows={4} value={paths} onChange={event => setPaths(event.currentTarget.value)} error={about(write.fault, '/paths')} spellCheck={false} />
                    <Textarea label="Tags" description="Of answers with a Cache-Tag header, one in a line" placeholder="products" rows={4} value={tags} onChange={event => setTags(event.currentTarget.value)} error={about(write.fault, '/tags')} spellCheck={false} />
                </div>
                {write.fault && <Fault of={write.fault} />}
                <Group justify="flex-end" gap="sm">
                    <Button variant="light" color="red" onClick={() => setAll(true)}>
                        Purge everything
                    </Button>
                    <Button onClick={() => void some()} loading={write.busy} disabled={named.paths.length + named.tags.length === 0}>
                        Purge these
                    </Button>
                </Group>
            </Stack>
            <Confirm
                opened={all}
                onClose={() => setAll(false)}
                title="Purge everything"
                action="Purge everything"
                onConfirm={async () => {
                    await purge({ paths: [], tags: [], everything: true });
                    done('Caches forget all answers of the backends.');
                }}
            >
                Every answer that caches keep of this site is forgotten. Your servers are asked for all of it again.
            </Confirm>
        </Panel>
    );
}
