import { Button, Checkbox, Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api, type Schema } from '@/api/query';
import { Fault } from '@/parts/Fault';
import { Grid } from '@/parts/Grid';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import { useWrite } from '@/parts/write';
import { ALL, TIMES, type When } from './variables';

type Line = Schema<'LineView'>;

const TONES: Record<Line['verdict'], Tone> = { created: 'good', updated: 'warn', unchanged: 'idle', kept: 'idle', rejected: 'bad' };
const SAID: Record<Line['verdict'], string> = {
    created: 'is added', updated: 'takes the place of what is there', unchanged: 'is there with this value', kept: 'is there with another value, which stays', rejected: 'cannot be taken',
};

// A whole .env file at once: judged line by line first, then all of it or nothing.
export function Bulk({ project }: { project: string }) {
    const [text, setText] = useState('');
    const [environment, setEnvironment] = useState(ALL);
    const [branch, setBranch] = useState('');
    const [secret, setSecret] = useState(true);
    const [overwrite, setOverwrite] = useState(false);
    const [when, setWhen] = useState<When>('both');
    const [judged, setJudged] = useState<Schema<'ImportView'> | null>(null);
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } });
    const write = useWrite('/v1/projects/{project}/env');
    const branched = environment !== ALL && environment !== 'production' && environment !== 'development';
    const ask = (dry: boolean) =>
        write.run(
            async () => {
                const body = { text, environment, branch: branched && branch.trim() ? branch.trim() : null, secret, when, overwrite, dry_run: dry };
                const { data } = await api.POST('/v1/projects/{project}/env/import', { params: { path: { project } }, body });
                setJudged(data ?? null);
                if (!dry) {
                    setText('');
                }
            },
            dry ? undefined : 'The file is taken in; the next build finds it.',
        );
    // Whatever is changed was not judged yet.
    const anew = (change: () => void) => {
        change();
        setJudged(null);
        write.clear();
    };
    const changes = judged?.lines.filter(one => one.verdict === 'created' || one.verdict === 'updated').length ?? 0;
    const rejected = judged?.lines.filter(one => one.verdict === 'rejected').length ?? 0;
    return (
        <Panel title="Edit as .env" about="Paste a file. Nothing changes before you have seen what each line does; then all of it counts, or nothing.">
            <Stack>
                <Textarea
                    label="File"
                    placeholder={'# a comment\nAPI_URL=https://api.example.com\nTITLE="Tides and\\nwinds"'}
                    rows={10}
                    value={text}
                    onChange={event => anew(() => setText(event.currentTarget.value))}
                    spellCheck={false}
                    autoComplete="off"
                    styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
                />
                <div className="columns">
                    <Select label="Belongs to" data={[{ value: ALL, label: 'All environments' }, ...(environments.data?.items ?? []).map(one => ({ value: one.name, label: one.name }))]} value={environment} allowDeselect={false} onChange={one => anew(() => setEnvironment(one ?? ALL))} />
                    {branched && <TextInput label="Only for this branch" placeholder="any" value={branch} onChange={event => anew(() => setBranch(event.currentTarget.value))} />}
                    <Select label="There" data={TIMES} value={when} allowDeselect={false} onChange={one => anew(() => setWhen(one as When))} />
                </div>
                <Checkbox label="They are secrets" description="Never shown again, and masked in logs." checked={secret} onChange={event => anew(() => setSecret(event.currentTarget.checked))} />
                <Checkbox label="Take the place of what is there" description="Otherwise a variable that is there with another value stays as it is." checked={overwrite} onChange={event => anew(() => setOverwrite(event.currentTarget.checked))} />
                {write.fault && <Fault of={write.fault} />}
                <Group justify="flex-end" gap="sm">
                    <Button variant={judged ? 'default' : 'filled'} onClick={() => void ask(true)} loading={write.busy && !judged} disabled={!text.trim()}>
                        Show what would happen
                    </Button>
                    {judged && !judged.applied && rejected === 0 && (
                        <Button onClick={() => void ask(false)} loading={write.busy} disabled={changes === 0}>
                            {changes === 1 ? 'Change 1 variable' : `Change ${changes} variables`}
                        </Button>
                    )}
                </Group>
                {judged && rejected > 0 && (
                    <Notice tone="bad" title={rejected === 1 ? 'One line cannot be taken' : `${rejected} lines cannot be taken`}>
                        Correct them: all of a file counts, or nothing of it.
                    </Notice>
                )}
                {judged && rejected === 0 && (
                    <Notice tone={judged.applied ? 'good' : 'live'} title={judged.applied ? 'This was done' : changes ? 'This would happen' : 'Nothing would change'}>
                        {judged.applied ? 'All lines are taken in.' : 'Nothing has changed so far.'}
                    </Notice>
                )}
            </Stack>
            {judged && (
                <Grid
                    name="What each line does"
                    rows={judged.lines}
                    keyOf={one => String(one.line)}
                    columns={[
                        { label: 'Line', shows: one => <span className="numbers">{one.line}</span> },
                        { label: 'Name', shows: one => <span className="mono" style={{ overflowWrap: 'anywhere' }}>{one.name}</span> },
                        { label: 'What happens', shows: one => <State of={one.verdict} tone={TONES[one.verdict]} /> },
                        { label: 'Why', shows: one => <span className="soft">{one.detail ?? SAID[one.verdict]}</span> },
                    ]}
                />
            )}
        </Panel>
    );
}
