import { Autocomplete, Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { useWrite } from '@/parts/write';
import { headerLines } from './conditions';
import { Verdict } from './Verdict';

// A request that is made up: what would be answered, and why. Nothing is sent.
export function Tester({ deployment }: { deployment: string }) {
    const [url, setUrl] = useState('/');
    const [method, setMethod] = useState('GET');
    const [headers, setHeaders] = useState('');
    const [country, setCountry] = useState('');
    const [language, setLanguage] = useState('');
    const [verdict, setVerdict] = useState<Schema<'RoutingVerdictView'> | null>(null);
    const ask = useWrite();
    const said = headerLines(headers);
    const test = () =>
        ask.run(async () => {
            const { data } = await api.POST('/v1/deployments/{deployment}/rules/test', {
                params: { path: { deployment } },
                body: { url: url.trim(), method: method.trim().toUpperCase(), headers: said.headers, country: country.trim().toUpperCase(), language: language.trim() },
            });
            setVerdict((data ?? null) as never);
        });
    return (
        <Stack>
            <Panel title="A request" about="It is thought through with the rules of this deployment; nothing is sent.">
                <form
                    onSubmit={event => {
                        event.preventDefault();
                        void test();
                    }}
                >
                    <Stack>
                        <Group gap="sm" align="flex-start" wrap="wrap">
                            <Autocomplete label="Method" data={['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']} value={method} onChange={setMethod} w={110} />
                            <TextInput label="Address" description="A path, or a whole address for rules about hosts" placeholder="/pricing?a=1" value={url} onChange={event => setUrl(event.currentTarget.value)} style={{ flex: '1 1 16rem' }} spellCheck={false} inputWrapperOrder={['label', 'input', 'description', 'error']} />
                        </Group>
                        <div className="columns">
                            <TextInput label="Country" placeholder="NZ" maxLength={2} value={country} onChange={event => setCountry(event.currentTarget.value)} />
                            <TextInput label="Language" placeholder="de-AT,en;q=0.5" value={language} onChange={event => setLanguage(event.currentTarget.value)} />
                        </div>
                        <Textarea label="Headers and cookies" placeholder={'Cookie: beta=1\nX-Region: eu'} rows={3} value={headers} onChange={event => setHeaders(event.currentTarget.value)} error={said.fault} spellCheck={false} />
                        <Group justify="flex-end">
                            <Button type="submit" leftSection={<IconPlayerPlay size={15} />} loading={ask.busy} disabled={!url.trim() || said.fault !== null}>
                                Try it
                            </Button>
                        </Group>
                    </Stack>
                </form>
            </Panel>
            <div aria-live="polite">
                {ask.fault && <Fault of={ask.fault} />}
                {verdict && !ask.fault && <Verdict of={verdict} />}
            </div>
        </Stack>
    );
}
