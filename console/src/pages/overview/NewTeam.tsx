import { Button, Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { queries } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { about, useWrite } from '@/parts/write';
import { slugOf } from '../projects/new/slug';

const LONGEST = 40;

// Why this cannot be a team's slug, as a sentence; empty when it can. The API knows the reserved words.
function fault(slug: string): string {
    if (!/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(slug)) {
        return `1 to ${LONGEST} of a-z, 0-9 and hyphens, with a letter or a digit at both ends.`;
    }
    return slug.includes('--') ? 'One hyphen at a time.' : '';
}

// A team of one's own, whose owner one is.
export function NewTeam() {
    const [name, setName] = useState('');
    const [typed, setTyped] = useState<string>();
    const write = useWrite('/v1/teams');
    const navigate = useNavigate();
    const slug = typed ?? slugOf(name);
    const wrong = slug === '' && typed === undefined ? '' : fault(slug);
    const make = () =>
        write.run(async () => {
            const { data } = await api.POST('/v1/teams', { body: { name: name.trim(), slug } });
            await queries.invalidateQueries();
            await navigate({ to: `/teams/${data?.slug ?? slug}` });
        }, `The team ${name.trim()} is there.`);
    return (
        <Page title="New team" about="A team has projects, members with roles, and an audit log of its own.">
            <Panel>
                <form
                    onSubmit={event => {
                        event.preventDefault();
                        void make();
                    }}
                >
                    <Stack maw={520}>
                        <TextInput
                            label="Name"
                            value={name}
                            onChange={event => setName(event.currentTarget.value)}
                            maxLength={80}
                            error={about(write.fault, '/name')}
                            required
                            autoFocus
                            autoComplete="organization"
                        />
                        <TextInput
                            label="Name in addresses"
                            description={`${location.host}/teams/${slug || 'name'}`}
                            classNames={{ input: 'mono' }}
                            value={slug}
                            onChange={event => setTyped(event.currentTarget.value.toLowerCase())}
                            error={wrong || about(write.fault, '/slug')}
                            required
                            autoComplete="off"
                            spellCheck={false}
                        />
                        {write.fault && <Fault of={write.fault} />}
                        <div>
                            <Button type="submit" loading={write.busy} disabled={name.trim() === '' || slug === '' || wrong !== ''}>
                                Make the team
                            </Button>
                        </div>
                    </Stack>
                </form>
            </Panel>
        </Page>
    );
}
