import { Button, List, Stack } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import type { Domain, Sso } from './Setup';

// Making the provider the only way into the team, with everything that means said first.
export function Enforce({ team, manages, domains, sso }: { team: string; manages: boolean; domains: Domain[]; sso: Sso | undefined }) {
    const [asked, setAsked] = useState(false);
    const on = sso?.enforced ?? false;
    const proven = domains.filter(one => one.state === 'proven').map(one => one.domain);
    const change = async () => {
        await api.PUT('/v1/teams/{team}/sso', { params: { path: { team } }, body: { enforced: !on } });
        stale('/v1/teams');
        done(on ? 'People may come in another way again.' : 'The provider is the only way in.');
    };
    return (
        <Panel title="The only way in" actions={<State of={on ? 'enforced' : 'not enforced'} tone={on ? 'good' : 'idle'} />}>
            <Stack>
                <span>With enforcement,</span>
                <List spacing="xs" size="sm">
                    <List.Item>people with an address at {proven.join(', ') || 'a proven domain'} sign in by the provider, and in no other way: passwords, passkeys and resets are refused;</List.Item>
                    <List.Item>sessions that came in another way lose the team at their next request, and keep everything else;</List.Item>
                    <List.Item>keys, service tokens and deploy keys go on: look through them under Tokens;</List.Item>
                    <List.Item>the provider is not replaced, and the last domain not removed, before it is off;</List.Item>
                    <List.Item>when the provider is broken, no owner switches it off without it: somebody who runs the installation does.</List.Item>
                </List>
                {manages && (
                    <Button color={on ? 'red' : undefined} variant={on ? 'light' : 'filled'} disabled={!sso || proven.length === 0} onClick={() => setAsked(true)} style={{ alignSelf: 'start' }}>
                        {on ? 'Stop enforcing' : 'Enforce single sign-on'}
                    </Button>
                )}
                <Confirm opened={asked} onClose={() => setAsked(false)} title={on ? 'Stop enforcing?' : 'Make it the only way in?'} action={on ? 'Stop' : 'Enforce'} onConfirm={change}>
                    {on ? 'Passwords and passkeys let your people in again.' : 'Your own session has to have come in by this provider. Everybody else who did not loses the team until they do.'}
                </Confirm>
            </Stack>
        </Panel>
    );
}
