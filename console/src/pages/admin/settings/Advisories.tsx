import { Checkbox, FileInput, Progress, Stack, Button } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import { bytes, count } from '@/parts/units';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import { digest } from '../../projects/new/blobs';
import { put } from './put';

const TONES: Record<string, Tone> = { fresh: 'good', old: 'warn', absent: 'idle' };
const AGAIN_MS = 2000;

// The installation's own copy of the advisories of OSV, by which packages are judged.
export function Advisories() {
    const copy = $api.useQuery('get', '/v1/admin/advisories', {}, { refetchInterval: query => (query.state.data?.last?.state === 'waiting' ? AGAIN_MS : false) });
    return (
        <Panel title="Advisories" about="A copy of those of OSV. Nobody outside learns what anybody here uses.">
            <Loaded query={copy}>
                {({ items, last }) => (
                    <Stack>
                        <Grid
                            name="Ecosystems"
                            rows={items}
                            keyOf={one => one.ecosystem}
                            columns={[
                                { label: 'Ecosystem', shows: one => <strong>{one.ecosystem}</strong> },
                                { label: 'State', shows: one => <State of={one.state} tone={TONES[one.state]} /> },
                                { label: 'As of', shows: one => <When at={one.as_of} /> },
                                { label: 'Packages', shows: one => <span className="numbers">{count(one.packages)}</span> },
                                { label: 'Advisories', shows: one => <span className="numbers">{count(one.advisories)}</span> },
                            ]}
                        />
                        {last && (
                            <Notice tone={last.state === 'done' ? 'good' : last.state === 'refused' ? 'bad' : 'live'} title={last.state === 'waiting' ? 'An export is being read' : last.state === 'done' ? 'The last export was taken' : 'The last export was refused'}>
                                {last.message} <When at={last.at} />
                            </Notice>
                        )}
                        <Bring />
                    </Stack>
                )}
            </Loaded>
        </Panel>
    );
}

function Bring() {
    const [file, setFile] = useState<File | null>(null);
    const [smaller, setSmaller] = useState(false);
    const [sent, setSent] = useState(0);
    const write = useWrite('/v1/admin/advisories');
    const bring = () =>
        write.run(async () => {
            if (!file) {
                return;
            }
            setSent(0);
            const { data } = await api.POST('/v1/admin/advisories', { body: { size: file.size, sha256: await digest(file) } });
            if (data) {
                await put(data.url, data.headers, file, setSent);
                await api.POST('/v1/admin/advisories/import', { body: { id: data.id, smaller } });
                setFile(null);
            }
        }, 'The export is there, and is read now.');
    return (
        <form
            onSubmit={event => {
                event.preventDefault();
                void bring();
            }}
        >
            <Stack>
                <FileInput label="Bring an export" description="A ZIP of OSV, such as all.zip of npm; up to 512 MiB" accept=".zip,application/zip" placeholder="Choose a file" clearable value={file} onChange={setFile} />
                <Checkbox label="It may be less than half of the copy that is there" description="An export that small looks cut off, and is refused otherwise." checked={smaller} onChange={event => setSmaller(event.currentTarget.checked)} />
                {write.busy && file && (
                    <div role="status">
                        <Progress value={(100 * sent) / file.size} aria-label="Sent" />
                        <span className="soft numbers">
                            {bytes(sent)} of {bytes(file.size)}
                        </span>
                    </div>
                )}
                {write.fault && <Fault of={write.fault} />}
                <Button type="submit" disabled={!file} loading={write.busy} style={{ alignSelf: 'start' }}>
                    Bring it
                </Button>
            </Stack>
        </form>
    );
}
