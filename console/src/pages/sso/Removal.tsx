import { Button } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';

export function Removal({ team, onDone }: { team: string; onDone: () => void }) {
    const [asked, setAsked] = useState(false);
    const remove = async () => {
        await api.DELETE('/v1/teams/{team}/sso', { params: { path: { team } } });
        stale('/v1/teams');
        done('Single sign-on is removed.');
        onDone();
    };
    return (
        <Panel title="Remove single sign-on" about="The duty to use it ends, too. Members stay, and so do proven domains.">
            <Button color="red" variant="light" onClick={() => setAsked(true)}>
                Remove single sign-on
            </Button>
            <Confirm opened={asked} onClose={() => setAsked(false)} title="Remove single sign-on?" action="Remove" type={team} onConfirm={remove}>
                Nobody comes in by your provider any more. People whose account has no password set one by a reset.
            </Confirm>
        </Panel>
    );
}
