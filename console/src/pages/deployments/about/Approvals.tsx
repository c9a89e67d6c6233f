import { Button, Checkbox, Stack, Text } from '@mantine/core';
import { IconUserCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useWrite } from '@/parts/write';
import { useMe } from '@/shell/where';
import type { Deployment } from '../deeds';

// Who has approved of the commit, and how many are missing before it may go live.
export function Approvals({ of }: { of: Deployment }) {
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/approvals', { params: { path: { deployment: of.id } } });
    const [asked, ask] = useState(false);
    const may = useMay();
    const me = useMe().data?.user?.id;
    return (
        <Loaded query={query}>
            {({ commit, required, missing, approvers, items }) => (
                <Panel
                    title="Approvals"
                    about={required ? `${required - missing} of ${required}, by ${approvers === 'admins' ? 'admins and owners' : 'developers and above'}; whoever pushed or deployed it does not count.` : 'This project goes live without approvals.'}
                    actions={required > 0 && may('release.approve') && of.created_by !== me && !items.some(one => one.user === me) && <Button onClick={() => ask(true)} leftSection={<IconUserCheck size={16} />}>Approve</Button>}
                >
                    {items.length ? (
                        <Stack gap="xs">
                            {required > 0 && <div>{missing > 0 ? <State of={`${missing} missing`} tone="warn" /> : <State of="approved" />}</div>}
                            {items.map(one => (
                                <div key={one.user}>
                                    <Who id={one.user} /> <span className="soft">({one.role})</span> <When at={one.at} />
                                </div>
                            ))}
                        </Stack>
                    ) : (
                        <Empty icon={<IconUserCheck />} title="Nobody has approved it">
                            {missing === 0 ? 'Nor does anybody have to.' : of.created_by === me ? 'It is yours, so somebody else has to. It goes live once enough people have.' : 'It goes live once enough people have.'}
                        </Empty>
                    )}
                    {asked && <Ask of={of} commit={commit} onClose={() => ask(false)} />}
                </Panel>
            )}
        </Loaded>
    );
}

function Ask({ of, commit, onClose }: { of: Deployment; commit: string; onClose: () => void }) {
    const [looked, setLooked] = useState(false);
    const write = useWrite('/v1/deployments', '/v1/projects');
    const send = () => api.POST('/v1/deployments/{deployment}/approve', { params: { path: { deployment: of.id } }, body: { commit } });
    return (
        <FormModal opened onClose={onClose} title="Approve this release" action="Approve" write={write} send={send} said="Approved." disabled={!looked}>
            <Text size="sm">You approve of exactly this commit. A newer one needs a new approval; the same one deployed again needs none.</Text>
            <Text className="mono" style={{ overflowWrap: 'anywhere' }}>{commit}</Text>
            <Checkbox label="I have looked at what it changes" checked={looked} onChange={event => setLooked(event.currentTarget.checked)} />
        </FormModal>
    );
}
