import { Autocomplete, Button, Collapse, Group, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { PERMISSIONS, WORDS } from '@/parts/roles';
import { useWrite } from '@/parts/write';
import { sentOf, type Draft } from './draft';
import { Verdict } from './Verdict';

interface Answer {
    asked: string;
    said: Schema<'SimulationView'>;
}

// Asks the very function that decides about requests. Nothing is done, nothing is changed.
export function Simulator({ team, draft }: { team: string; draft: Draft | undefined }) {
    const [who, setWho] = useState('me');
    const [action, setAction] = useState('deployment.promote');
    const [resource, setResource] = useState('');
    const [at, setAt] = useState('');
    const [ip, setIp] = useState('');
    const [environment, setEnvironment] = useState('');
    const [mfa, setMfa] = useState<string | null>(null);
    const [trying, setTrying] = useState(true);
    const [shown, { toggle }] = useDisclosure();
    const [answer, setAnswer] = useState<Answer>();
    const write = useWrite();
    const members = $api.useQuery('get', '/v1/teams/{team}/members', { params: { path: { team }, query: { limit: 100 } } });
    const projects = $api.useQuery('get', '/v1/projects', { params: { query: { team, limit: 100 } } });
    const ask = () =>
        write.run(async () => {
            const { data } = await api.POST('/v1/policies/simulate', {
                body: {
                    team,
                    who: who.trim(),
                    action,
                    resource: resource.trim() || null,
                    context: {
                        at: at ? new Date(at).toISOString() : null,
                        ip: ip.trim() || null,
                        environment: environment.trim() || null,
                        mfa: mfa === null ? null : mfa === 'with',
                    },
                    draft: draft && trying ? { ...sentOf(draft), name: draft.name.trim() || 'draft' } : null,
                },
            });
            if (data) {
                setAnswer({ asked: `${who.trim()}, ${action}${resource.trim() ? `, ${resource.trim()}` : ''}`, said: data });
            }
        });
    return (
        <Panel title="Try it" about="May somebody do something, and why?">
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void ask();
                }}
            >
                <Stack>
                    <Autocomplete label="Who" description="me, an e-mail, or the id of a key" required data={['me', ...new Set(members.data?.items.map(one => one.email))]} value={who} onChange={setWho} />
                    <Select
                        label="Does what"
                        searchable
                        allowDeselect={false}
                        data={PERMISSIONS.map(permission => ({ value: permission, label: `${permission}: ${WORDS[permission].toLowerCase()}` }))}
                        value={action}
                        onChange={value => setAction(value ?? action)}
                    />
                    <Autocomplete label="To what" description="A project, or kind:id. Empty: the team" data={[...new Set(projects.data?.items.map(one => one.slug))]} value={resource} onChange={setResource} />
                    <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={shown} style={{ alignSelf: 'start' }}>
                        {shown ? 'Less' : 'When, from where, with what'}
                    </Button>
                    <Collapse expanded={shown}>
                        <Stack>
                            <TextInput label="At" type="datetime-local" description="Empty: now" value={at} onChange={event => setAt(event.currentTarget.value)} />
                            <TextInput label="From address" placeholder="203.0.113.7" value={ip} onChange={event => setIp(event.currentTarget.value)} />
                            <Autocomplete label="In environment" data={['production', 'preview', 'development']} value={environment} onChange={setEnvironment} />
                            <Select
                                label="Second factor"
                                placeholder="as usual for them"
                                clearable
                                data={[
                                    { value: 'with', label: 'with one' },
                                    { value: 'without', label: 'without one' },
                                ]}
                                value={mfa}
                                onChange={setMfa}
                            />
                        </Stack>
                    </Collapse>
                    {draft && <Switch label="With the policy that is being written" checked={trying} onChange={event => setTrying(event.currentTarget.checked)} />}
                    <Group justify="flex-end">
                        <Button type="submit" loading={write.busy}>
                            Ask
                        </Button>
                    </Group>
                </Stack>
            </form>
            <div role="status">{answer && !write.fault && <Verdict asked={answer.asked} said={answer.said} />}</div>
            {write.fault && <Fault of={write.fault} />}
        </Panel>
    );
}
