import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { about, useWrite } from '@/parts/write';
import { DomainProof } from './DomainProof';
import type { Domain } from './Setup';

// The provider is believed about addresses at domains that the team has proven, and about nothing else.
export function Domains({ team, manages, domains, onNext }: { team: string; manages: boolean; domains: Domain[]; onNext: () => void }) {
    const [domain, setDomain] = useState('');
    const write = useWrite('/v1/teams/{team}/sso');
    const claim = async () => {
        const taken = await write.run(() => api.POST('/v1/teams/{team}/sso/domains', { params: { path: { team } }, body: { domain: domain.trim() } }));
        if (taken) {
            setDomain('');
        }
    };
    return (
        <>
            {manages && (
                <Panel title="Which addresses are yours?" about="Exactly this domain: example.com says nothing of eu.example.com.">
                    <form
                        onSubmit={event => {
                            event.preventDefault();
                            void claim();
                        }}
                    >
                        <Group align="flex-end">
                            <TextInput label="Domain" required placeholder="example.com" value={domain} error={about(write.fault, '/domain')} onChange={event => setDomain(event.currentTarget.value)} style={{ flex: '1 1 14rem' }} />
                            <Button type="submit" loading={write.busy}>
                                Add the domain
                            </Button>
                        </Group>
                        {write.fault && <Fault of={write.fault} />}
                    </form>
                </Panel>
            )}
            {domains.length > 0 && (
                <Panel title="Domains" flush>
                    {domains.map(one => (
                        <DomainProof key={one.domain} team={team} manages={manages} of={one} />
                    ))}
                </Panel>
            )}
            {domains.some(one => one.state === 'proven') && (
                <Group justify="flex-end">
                    <Button onClick={onNext}>Next: the provider</Button>
                </Group>
            )}
        </>
    );
}
