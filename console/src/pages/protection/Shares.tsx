import { Button, Select, Stack, TextInput } from '@mantine/core';
import { IconLink, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Copy } from '@/parts/Copy';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { Sheet } from '@/parts/Sheet';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { about, useWrite } from '@/parts/write';
import { useProject } from '@/shell/where';

const DAY = 86_400;
const ENDS = [[3600, 'In an hour'], [DAY, 'In a day'], [7 * DAY, 'In a week'], [30 * DAY, 'In 30 days'], [365 * DAY, 'In a year']] as const;

// Links that open what is protected, for whoever has them.
export function Shares({ project, guarded }: { project: string; guarded: boolean }) {
    const may = useMay();
    const shares = $api.useQuery('get', '/v1/projects/{project}/shares', { params: { path: { project } } });
    const [making, setMaking] = useState(false);
    const [made, setMade] = useState<string | null>(null);
    const [ending, setEnding] = useState<string | null>(null);
    const revoke = async () => {
        if (ending) {
            await api.DELETE('/v1/projects/{project}/shares/{share}', { params: { path: { project, share: ending } } });
            stale('/v1/projects/{project}/shares');
            done('The link ends within seconds.');
        }
    };
    const button = may('site.share') && guarded && (
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
            New link
        </Button>
    );
    return (
        <Panel title="Share links" about="Each opens all that is protected of this site, without a password, until it ends." actions={button} flush>
            <Loaded query={shares}>
                {({ items }) =>
                    items.length ? (
                        <Grid
                            name="Share links"
                            rows={items}
                            keyOf={one => one.id}
                            columns={[
                                { label: 'For', shows: one => one.note || <span className="soft">no note</span> },
                                { label: 'Address', shows: one => <span className="mono" style={{ overflowWrap: 'anywhere' }}>{one.host}</span> },
                                { label: 'Ends', shows: one => <When at={one.expires_at} /> },
                                { label: 'Made', shows: one => <span className="soft"><When at={one.created_at} /> by <Who id={one.created_by} /></span> },
                                {
                                    label: 'Take back',
                                    hidden: true,
                                    shows: one =>
                                        may('site.share') && (
                                            <Button size="compact-xs" variant="subtle" color="red" onClick={() => setEnding(one.id)}>
                                                Take back
                                            </Button>
                                        ),
                                },
                            ]}
                        />
                    ) : (
                        <Empty icon={<IconLink />} title="No links" action={button}>
                            {guarded ? 'Make one for somebody who shall see the site without an account.' : 'Nothing is protected, so there is nothing to open.'}
                        </Empty>
                    )
                }
            </Loaded>
            {making && <NewShare project={project} onClose={() => setMaking(false)} onMade={setMade} />}
            <Sheet opened={made !== null} onClose={() => setMade(null)} title="The link is made">
                <Stack>
                    <div>This is the only time that it is shown. Whoever has it gets in.</div>
                    <Copy text={made ?? ''} what="the link" />
                    <Button onClick={() => setMade(null)}>I have it</Button>
                </Stack>
            </Sheet>
            <Confirm opened={ending !== null} onClose={() => setEnding(null)} title="Take the link back" action="Take back" onConfirm={revoke}>
                The link, and what was opened by it, end within seconds. After twelve that were taken back before their time, one more ends everything that was given out.
            </Confirm>
        </Panel>
    );
}

function NewShare({ project, onClose, onMade }: { project: string; onClose: () => void; onMade: (url: string) => void }) {
    const [note, setNote] = useState('');
    const [ends, setEnds] = useState(7 * DAY);
    const [host, setHost] = useState('');
    const [path, setPath] = useState('/');
    const site = useProject(project).data;
    const aliases = $api.useQuery('get', '/v1/projects/{project}/aliases', { params: { path: { project } } });
    const write = useWrite('/v1/projects/{project}/shares');
    const own = site ? new URL(site.url).host : '';
    const hosts = [{ value: '', label: own }, ...(aliases.data?.items ?? []).map(one => ({ value: new URL(one.url).host, label: new URL(one.url).host }))];
    const send = async () => {
        const { data } = await api.POST('/v1/projects/{project}/shares', { params: { path: { project } }, body: { expires_in: ends, host: host || null, path: path.trim() || '/', note: note.trim() } });
        onMade(data?.url ?? '');
    };
    return (
        <FormModal opened onClose={onClose} title="New share link" action="Make it" write={write} send={send}>
            <TextInput label="For whom" placeholder="Ada, to look at the draft" value={note} onChange={event => setNote(event.currentTarget.value)} error={about(write.fault, '/note')} data-autofocus />
            <Select label="Address" data={hosts} value={host} allowDeselect={false} onChange={one => setHost(one ?? '')} error={about(write.fault, '/host')} searchable />
            <TextInput label="Page" value={path} onChange={event => setPath(event.currentTarget.value)} error={about(write.fault, '/path')} />
            <Select label="Ends" data={ENDS.map(([seconds, label]) => ({ value: String(seconds), label }))} value={String(ends)} allowDeselect={false} onChange={one => setEnds(Number(one))} />
        </FormModal>
    );
}
