import { Badge, Button, Group, SegmentedControl, Stack, Textarea, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { Panel } from '@/parts/Panel';
import { address, sample, typeOf, type Document, type Operation } from './document';
import { Code } from './Code';
import classes from './Explorer.module.css';
import { send, type Answer } from './send';
import { ShapeView } from './ShapeView';
import { curl, python, typescript } from './snippets';

const LANGUAGES = { curl, Python: python, TypeScript: typescript };
type Language = keyof typeof LANGUAGES;

// One operation: what it takes and answers, and a way to try it as oneself.
export function OperationView({ of, document }: { of: Operation; document: Document }) {
    const [values, setValues] = useState<Record<string, string>>({});
    const [body, setBody] = useState(of.body ? JSON.stringify(sample(of.body, document), null, 2) : '');
    const [language, setLanguage] = useState<Language>('curl');
    const [answer, setAnswer] = useState<Answer>();
    const [busy, setBusy] = useState(false);

    const parameters = of.parameters.filter(part => part.in !== 'header');
    const where = address(of.path, of.parameters, values);
    const missing = parameters.filter(part => part.required && !values[part.name]);
    const run = async () => {
        setBusy(true);
        setAnswer(await send(of.method, where, body));
        setBusy(false);
    };

    return (
        <Stack gap="md" miw={0}>
            <Panel title={of.summary} about={of.description || undefined}>
                <Stack gap="md">
                    <div className={classes.address}>
                        <Method of={of.method} /> <span className="mono">{of.path}</span>
                    </div>
                    <div className="soft">{of.open ? 'Needs no sign-in.' : `Needs ${of.permission.replace('signed_in', 'a sign-in')}.`}</div>
                    <form
                        onSubmit={event => {
                            event.preventDefault();
                            void run();
                        }}
                    >
                        <Stack gap="sm">
                            {parameters.map(part => (
                                <TextInput
                                    key={part.name}
                                    label={part.name}
                                    required={part.required}
                                    description={[part.in === 'path' ? 'in the address' : typeOf(part.schema), part.description].filter(Boolean).join(': ')}
                                    placeholder={part.schema.default === undefined || part.schema.default === null ? undefined : String(part.schema.default)}
                                    value={values[part.name] ?? ''}
                                    onChange={event => setValues({ ...values, [part.name]: event.currentTarget.value })}
                                />
                            ))}
                            {of.body && (
                                <Textarea label="Body" description={of.bodyType} classNames={{ input: classes.editor }} autosize minRows={3} maxRows={18} spellCheck={false} value={body} onChange={event => setBody(event.currentTarget.value)} />
                            )}
                            <Group>
                                <Button type="submit" loading={busy} disabled={missing.length > 0} color={of.method === 'DELETE' ? 'red' : undefined} leftSection={<IconPlayerPlay size={16} />}>
                                    Send as you
                                </Button>
                                {of.method !== 'GET' && <span className="soft">This really changes something.</span>}
                            </Group>
                        </Stack>
                    </form>
                    <div role="status" aria-live="polite">
                        {answer && (
                            <Stack gap="xs">
                                <div>
                                    <Badge color={answer.status > 0 && answer.status < 400 ? 'green' : 'red'} variant="light">
                                        {answer.status || 'no answer'}
                                    </Badge>{' '}
                                    <span className="soft numbers">{answer.ms} ms</span>
                                </div>
                                {answer.text && <Code text={answer.text} what="the answer" />}
                            </Stack>
                        )}
                    </div>
                </Stack>
            </Panel>
            <Panel
                title="In a program"
                actions={<SegmentedControl size="xs" data={Object.keys(LANGUAGES)} value={language} onChange={value => setLanguage(value as Language)} aria-label="Language" />}
            >
                <Code text={LANGUAGES[language]({ api: document.servers[0]?.url ?? '', method: of.method, address: where, body, open: of.open })} what="the program" />
            </Panel>
            {of.body && (
                <Panel title="What it takes">
                    <ShapeView shape={of.body} document={document} asks />
                </Panel>
            )}
            <Panel title="What it answers">
                <Stack gap="sm">
                    {of.answers.map(one => (
                        <details key={one.status} className={classes.answer} open={one.status.startsWith('2')}>
                            <summary>
                                <span className="mono">{one.status}</span> <span className="soft">{one.text}</span>
                            </summary>
                            {one.shape && <ShapeView shape={one.shape} document={document} />}
                        </details>
                    ))}
                </Stack>
            </Panel>
        </Stack>
    );
}

export function Method({ of }: { of: string }) {
    return <span className={classes.method} data-method={of}>{of}</span>;
}
