import { Button } from '@mantine/core';
import { api } from '@/api/client';
import { $api, stale } from '@/api/query';
import { Grid } from '@/parts/Grid';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { done, failed } from '@/parts/notices';
import { paged } from '@/parts/paged';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { device } from './device';

// Where one is signed in; any of them ends at once.
export function Sessions() {
    const sessions = $api.useInfiniteQuery('get', '/v1/me/sessions', { params: { query: { limit: 20 } } }, paged);
    const end = async (act: () => Promise<unknown>, said: string) => {
        try {
            await act();
            stale('/v1/me/sessions');
            done(said);
        } catch (error) {
            failed(error);
        }
    };
    const rows = sessions.data?.pages.flatMap(page => page.items) ?? [];
    return (
        <Panel
            title="Sessions"
            flush
            actions={
                rows.length > 1 && (
                    <Button size="xs" variant="default" onClick={() => void end(() => api.DELETE('/v1/me/sessions'), 'All others are over.')}>
                        End all others
                    </Button>
                )
            }
        >
            <Loaded query={sessions}>
                {() => (
                    <Grid
                        name="Sessions"
                        rows={rows}
                        keyOf={session => session.id}
                        columns={[
                            { label: 'Where', shows: session => <><strong title={session.agent}>{device(session.agent) || session.via}</strong> {session.current && <State of="this one" tone="good" />}<div className="soft mono">{session.ip}</div></> },
                            { label: 'Since', shows: session => <When at={session.created_at} /> },
                            { label: 'Last seen', shows: session => <When at={session.seen_at} /> },
                            {
                                label: 'What can be done',
                                hidden: true,
                                shows: session =>
                                    !session.current && (
                                        <Button
                                            size="compact-sm"
                                            variant="subtle"
                                            color="red"
                                            aria-label={`End the session of ${device(session.agent) || session.via} at ${session.ip}`}
                                            onClick={() => void end(() => api.DELETE('/v1/me/sessions/{session}', { params: { path: { session: session.id } } }), 'That session is over.')}
                                        >
                                            End
                                        </Button>
                                    ),
                            },
                        ]}
                    />
                )}
            </Loaded>
            <More of={sessions} />
        </Panel>
    );
}
