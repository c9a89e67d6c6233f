import { Button, Group, Stack } from '@mantine/core';
import { withProviderOf } from '../doors/pkce';
import { Fault } from '@/parts/Fault';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { When } from '@/parts/When';
import { useWrite } from '@/parts/write';
import type { Domain, Sso } from './Setup';

// Coming in by the provider oneself, before anybody has to.
export function Trial({ team, domains, sso, onNext }: { team: string; domains: Domain[]; sso: Sso | undefined; onNext: () => void }) {
    const write = useWrite();
    const proven = domains.filter(one => one.state === 'proven').map(one => one.domain);
    if (!sso) {
        return <Notice title="No provider yet">Set it up in the step before.</Notice>;
    }
    return (
        <Panel title="Come in by it yourself" about="You go to your provider and come back here, in a session that it signed in.">
            <Stack>
                <span>
                    Last time that somebody came in by it as it is now: <When at={sso.tried_at} />
                </span>
                {proven.length === 0 && <Notice tone="warn" title="No domain is proven">Whoever comes is refused until one is.</Notice>}
                {proven.length > 0 && <span className="soft">Your address at the provider has to be at {proven.join(' or ')}.</span>}
                {write.fault && <Fault of={write.fault} />}
                <Group>
                    <Button loading={write.busy} onClick={() => void write.run(() => withProviderOf(team, `/teams/${team}/sso`))}>
                        Sign in by the provider
                    </Button>
                    {sso.tried_at && (
                        <Button variant="default" onClick={onNext}>
                            Next: enforce
                        </Button>
                    )}
                </Group>
            </Stack>
        </Panel>
    );
}
