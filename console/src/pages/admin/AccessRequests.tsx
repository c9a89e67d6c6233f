import { Button, Group, SegmentedControl, Textarea } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { FormModal } from '@/parts/FormModal';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import classes from './AccessRequests.module.css';
import { Admins } from './Admins';

type Wish = Schema<'AccessRequestView'>;

// Who would like to come in, where sign-up goes by asking.
export function AccessRequests() {
    return (
        <Admins title="Access requests" about="Who would like an account here, and why.">
            {() => <Found />}
        </Admins>
    );
}

function Found() {
    const [state, setState] = useInAddress('state', 'pending');
    const [asked, setAsked] = useState<{ approve: boolean; wish: Wish }>();
    const list = $api.useInfiniteQuery('get', '/v1/admin/access-requests', { params: { query: { limit: 50, state: state as never } } }, paged);
    return (
        <>
            <SegmentedControl aria-label="State" data={['pending', 'approved', 'rejected']} value={state} onChange={setState} style={{ alignSelf: 'start' }} />
            <Panel flush>
                <Loaded query={list}>
                    {({ pages }) => {
                        const rows = pages.flatMap(page => page.items);
                        return rows.length === 0 ? (
                            <Empty icon={<IconInbox />} title={state === 'pending' ? 'Nobody waits' : `None ${state}`}>
                                People ask for access at the sign-up page when sign-up is set to requests.
                            </Empty>
                        ) : (
                            rows.map(wish => <Card key={wish.id} wish={wish} onPick={approve => setAsked({ approve, wish })} />)
                        );
                    }}
                </Loaded>
            </Panel>
            <More of={list} />
            {asked && <Decide {...asked} onClose={() => setAsked(undefined)} />}
        </>
    );
}

function Card({ wish, onPick }: { wish: Wish; onPick: (approve: boolean) => void }) {
    return (
        <article className={classes.wish}>
            <div>
                <h2>{wish.name}</h2>
                <div className="soft">
                    {wish.email}, {wish.organisation}, asked <When at={wish.created_at} />
                </div>
                <p>{wish.reason}</p>
                {wish.reviewed_at && (
                    <div className="soft">
                        <State of={wish.state} /> <When at={wish.reviewed_at} /> {wish.note && <>- {wish.note}</>}
                    </div>
                )}
            </div>
            {wish.state === 'pending' && (
                <Group gap="xs">
                    <Button size="compact-md" onClick={() => onPick(true)} aria-label={`Approve ${wish.name}`}>
                        Approve
                    </Button>
                    <Button size="compact-md" variant="default" onClick={() => onPick(false)} aria-label={`Reject ${wish.name}`}>
                        Reject
                    </Button>
                </Group>
            )}
        </article>
    );
}

function Decide({ approve, wish, onClose }: { approve: boolean; wish: Wish; onClose: () => void }) {
    const [note, setNote] = useState('');
    const write = useWrite('/v1/admin/access-requests');
    const ask = { params: { path: { request: wish.id } }, body: { note: note.trim() || null } };
    return (
        <FormModal
            opened
            onClose={onClose}
            title={approve ? `Let ${wish.name} in?` : `Reject ${wish.name}?`}
            action={approve ? 'Approve' : 'Reject'}
            danger={!approve}
            write={write}
            said={approve ? `A mail invites ${wish.email} to sign up within 7 days.` : 'The request is rejected. No mail is sent.'}
            send={() => (approve ? api.POST('/v1/admin/access-requests/{request}/approve', ask) : api.POST('/v1/admin/access-requests/{request}/reject', ask))}
        >
            <span>{approve ? `A mail invites ${wish.email} to sign up within 7 days.` : 'No mail is sent.'}</span>
            <Textarea label="Note" description="For those who run the installation." data-autofocus autosize minRows={2} value={note} onChange={event => setNote(event.currentTarget.value)} />
        </FormModal>
    );
}
