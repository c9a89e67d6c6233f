import { NumberInput } from '@mantine/core';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { useDraft } from '@/parts/draft';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { SaveBar } from '@/parts/SaveBar';

// How long entries are kept that are written from now on.
export function Retention({ team, manages }: { team: string; manages: boolean }) {
    const kept = $api.useQuery('get', '/v1/teams/{team}/audit/retention', { params: { path: { team } } });
    return (
        <Panel title="Retention" about="Counts for entries written from then on: nobody changes one that is there.">
            <Loaded query={kept} rows={1}>
                {({ days }) => (manages ? <Days team={team} kept={days} /> : <p style={{ margin: 0 }}>{days} days</p>)}
            </Loaded>
        </Panel>
    );
}

function Days({ team, kept }: { team: string; kept: number }) {
    const draft = useDraft<number | string>(kept);
    return (
        <>
            <NumberInput label="Days" description="30 to 3,650" allowDecimal={false} value={draft.value} onChange={draft.change} />
            <SaveBar
                draft={draft}
                touches={['/v1/teams/{team}/audit']}
                said="New entries are kept that long."
                disabled={draft.value === ''}
                save={() => api.PUT('/v1/teams/{team}/audit/retention', { params: { path: { team } }, body: { days: Number(draft.value) } })}
            />
        </>
    );
}
