import { Button, Group, Stack, Textarea } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { Code } from './Code';
import classes from './Explorer.module.css';
import { GraphSchema } from './GraphSchema';
import { faults, send, type Answer } from './send';

const FIRST = `query Overview($limit: Int!) {
  me { user { name } via }
  teams(limit: 5) {
    items {
      name
      role
      projects(limit: $limit) {
        items { name url production }
      }
    }
  }
}`;

// A document, its variables, and what comes back.
export function Graph() {
    const [query, setQuery] = useState(FIRST);
    const [variables, setVariables] = useState('{ "limit": 5 }');
    const [answer, setAnswer] = useState<Answer>();
    const [wrong, setWrong] = useState('');
    const [busy, setBusy] = useState(false);

    const run = async () => {
        let given: unknown;
        try {
            given = JSON.parse(variables || '{}');
        } catch (error) {
            setWrong(error instanceof Error ? error.message : String(error));
            return;
        }
        setWrong('');
        setBusy(true);
        setAnswer(await send('POST', '/v1/graphql', JSON.stringify({ query, variables: given })));
        setBusy(false);
    };
    const keys = (event: React.KeyboardEvent) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void run();
        }
    };

    return (
        <Stack gap="md">
            <div className="columns">
                <Panel title="Document" about="Ctrl+Enter sends it. Mutations really change something.">
                    <Stack gap="sm" onKeyDown={keys}>
                        <Textarea label="Query or mutation" classNames={{ input: classes.editor }} autosize minRows={14} maxRows={30} spellCheck={false} value={query} onChange={event => setQuery(event.currentTarget.value)} />
                        <Textarea label="Variables" description="JSON" error={wrong || undefined} classNames={{ input: classes.editor }} autosize minRows={2} maxRows={12} spellCheck={false} value={variables} onChange={event => setVariables(event.currentTarget.value)} />
                        <Group>
                            <Button loading={busy} onClick={() => void run()} leftSection={<IconPlayerPlay size={16} />}>
                                Send as you
                            </Button>
                        </Group>
                    </Stack>
                </Panel>
                <Panel title="Answer">
                    <div role="status" aria-live="polite">
                        {answer ? (
                            <Stack gap="xs">
                                <Group gap="sm">
                                    <Outcome of={answer} /> <span className="soft numbers">{answer.ms} ms</span>
                                </Group>
                                <Code text={answer.text} what="the answer" />
                            </Stack>
                        ) : (
                            <span className="soft">Nothing was sent yet.</span>
                        )}
                    </div>
                </Panel>
            </div>
            <GraphSchema />
        </Stack>
    );
}

// A graph answers 200 also where some of it went wrong, and then says so beside the data.
function Outcome({ of }: { of: Answer }) {
    const wrong = faults(of);
    if (of.status !== 200) {
        return <State of={of.status ? `refused, ${of.status}` : 'no answer'} tone="bad" />;
    }
    return wrong ? <State of={wrong === 1 ? '1 error' : `${wrong} errors`} tone="bad" /> : <State of="ok" />;
}
