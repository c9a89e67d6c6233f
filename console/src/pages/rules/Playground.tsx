import { Button, Group, Select, Stack, Textarea } from '@mantine/core';
import { IconChecks } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import type { paths } from '@/api/schema';
import { Fault } from '@/parts/Fault';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { useWrite } from '@/parts/write';
import { Beside } from './Beside';
import classes from './rules.module.css';
import { Rows } from './Table';

type Answer = paths['/v1/rules/check']['post']['responses'][200]['content']['application/json'];

const FILES = ['_redirects', '_headers', 'netlify.toml', 'vercel.json', 'clouddeck.toml'] as const;

const LIKE: Record<(typeof FILES)[number], string> = {
    _redirects: '/old/*  /new/:splat  301\n/pricing  /au  302  Country=au,nz',
    _headers: '/*\n  X-Frame-Options: DENY',
    'netlify.toml': '[[redirects]]\nfrom = "/old/*"\nto = "/new/:splat"',
    'vercel.json': '{"redirects": [{"source": "/about", "destination": "/new"}]}',
    'clouddeck.toml': '[[redirects]]\nfrom = "/old/:page"\nto = "/:page"\nstatus = 308',
};

// Files as they would lie in a repository: what they come to, what is wrong, what is otherwise here. Nothing is kept.
export function Playground() {
    const [texts, setTexts] = useState<Record<string, string>>({});
    const [file, setFile] = useState<(typeof FILES)[number]>('_redirects');
    const [checked, setChecked] = useState<Answer | null>(null);
    const ask = useWrite();
    const files = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));
    const check = () =>
        ask.run(async () => {
            const { data } = await api.POST('/v1/rules/check', { body: { files } });
            setChecked((data ?? null) as never);
        });
    return (
        <Stack>
            <Panel title="Playground" about="Paste files and see what they come to before you deploy them. All five count together; nothing is kept.">
                <Stack>
                    <Select label="File" data={FILES.map(name => ({ value: name, label: files[name] ? `${name} (filled in)` : name }))} value={file} allowDeselect={false} onChange={one => setFile(one as (typeof FILES)[number])} />
                    <Textarea
                        label={`Text of ${file}`}
                        placeholder={LIKE[file]}
                        rows={12}
                        value={texts[file] ?? ''}
                        onChange={event => setTexts({ ...texts, [file]: event.currentTarget.value })}
                        spellCheck={false}
                        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
                    />
                    <Group justify="flex-end" gap="sm">
                        <Button variant="default" onClick={() => setTexts({ ...texts, [file]: LIKE[file] })} disabled={!!texts[file]}>
                            Fill in an example
                        </Button>
                        <Button leftSection={<IconChecks size={16} />} onClick={() => void check()} loading={ask.busy} disabled={Object.keys(files).length === 0}>
                            Check
                        </Button>
                    </Group>
                </Stack>
            </Panel>
            <div aria-live="polite">
                {ask.fault && <Fault of={ask.fault} />}
                {checked && !ask.fault && <Checked of={checked} />}
            </div>
        </Stack>
    );
}

function Checked({ of }: { of: Answer }) {
    return (
        <Stack>
            <Notice tone={of.ok ? 'good' : 'bad'} title={of.ok ? `These files can be deployed: ${of.total} rules, ${of.headers.length} for headers` : 'A deployment with these files would fail'}>
                {of.notes.length > 0 && `${of.notes.length} things are otherwise here; see below.`}
            </Notice>
            {of.faults.length > 0 && (
                <Panel title="Faults">
                    {of.faults.map(fault => (
                        <div className={classes.fault} key={`${fault.file}:${fault.line}:${fault.message}`}>
                            <strong className="mono">
                                {fault.file}:{fault.line}
                            </strong>
                            <div>
                                {fault.message}
                                <div className="soft">{fault.hint}</div>
                            </div>
                        </div>
                    ))}
                </Panel>
            )}
            {of.notes.length > 0 && (
                <Panel title="Notes" about="What is left out or works in another way than where the file comes from.">
                    {of.notes.map(note => (
                        <div className={classes.fault} key={`${note.file}:${note.line}:${note.what}`}>
                            <strong className="mono">
                                {note.file}:{note.line}
                            </strong>
                            <div>
                                <State of={note.verdict} tone={note.verdict === 'refused' ? 'bad' : note.verdict === 'different' ? 'warn' : 'idle'} /> <span className="mono">{note.what}</span>
                                <div className="soft">{note.why}</div>
                            </div>
                        </div>
                    ))}
                </Panel>
            )}
            {of.rules.length > 0 && (
                <Panel title="What they come to" flush>
                    <Rows rules={of.rules} />
                </Panel>
            )}
            {of.ok && <Beside of={of} />}
        </Stack>
    );
}
