import { ActionIcon, Button, Group, NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { $api, type Schema } from '@/api/query';
import { useDraft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { changeProject } from '@/parts/project';
import { SaveBar } from '@/parts/SaveBar';

type Git = Required<Schema<'GitSettings'>>;
type Rule = Git['branches'][number];

const FORKS = [{ value: 'off', label: 'Not built' }, { value: 'untrusted', label: 'Built without anybody\'s variables' }, { value: 'approval', label: 'Built once a person has approved' }];
const SIGNED = [{ value: 'off', label: 'Not looked at' }, { value: 'warn', label: 'Named in the log when missing' }, { value: 'require', label: 'Required' }];

// Where branches, tags and pull requests lead.
export function GitRules({ site }: { site: Schema<'ProjectView'> }) {
    const changes = useMay()('project.update');
    const draft = useDraft({ branches: [], tags: [], ...site.git } as Git, site.version);
    const { value, change } = draft;
    return (
        <fieldset disabled={!changes} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
            <Stack>
                <Panel title="Where git leads" about="The first rule that matches wins. Without one the production branch leads to production, other branches to preview, tags to nothing.">
                    <Stack>
                        <Rules name="Branch" project={site.slug} rules={value.branches} change={branches => change({ ...value, branches })} />
                        <Rules name="Tag" project={site.slug} rules={value.tags} change={tags => change({ ...value, tags })} />
                    </Stack>
                </Panel>
                <Panel title="Previews and trust">
                    <Stack>
                        <Switch label="Deploy pull requests" checked={value.pull_requests} onChange={event => change({ ...value, pull_requests: event.currentTarget.checked })} />
                        <Switch label="Comment on pull requests" description="One comment, updated in place." checked={value.comments} onChange={event => change({ ...value, comments: event.currentTarget.checked })} />
                        <Switch label="A newer push ends older builds of its branch" checked={value.auto_cancel} onChange={event => change({ ...value, auto_cancel: event.currentTarget.checked })} />
                        <div className="columns">
                            <Select label="Pull requests of strangers" data={FORKS} value={value.forks} allowDeselect={false} onChange={one => change({ ...value, forks: one as Git['forks'] })} />
                            <Select label="Signatures of commits" data={SIGNED} value={value.signatures} allowDeselect={false} onChange={one => change({ ...value, signatures: one as Git['signatures'] })} />
                            <NumberInput label="Previews stay" suffix=" days" min={1} max={365} value={value.preview_days} onChange={one => change({ ...value, preview_days: Number(one) || 30 })} />
                        </div>
                    </Stack>
                    {changes && <SaveBar draft={draft} save={() => changeProject(site.slug, draft.version, { git: value })} said="The next push goes by it." touches={['/v1/projects']} />}
                </Panel>
            </Stack>
        </fieldset>
    );
}

function Rules({ name, project, rules, change }: { name: string; project: string; rules: Rule[]; change: (rules: Rule[]) => void }) {
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', { params: { path: { project } } });
    const targets = [...(environments.data?.items ?? []).filter(one => one.target !== null).map(one => one.name), 'none'];
    return (
        <Stack gap="xs">
            {rules.map((rule, index) => (
                <Group key={index} gap="xs" align="flex-end" wrap="nowrap">
                    <TextInput label={`${name} ${index + 1}`} placeholder={name === 'Tag' ? 'v*' : 'release/**'} value={rule.match} onChange={event => change(rules.with(index, { ...rule, match: event.currentTarget.value }))} style={{ flex: 1, minWidth: 0 }} spellCheck={false} />
                    <Select label="Leads to" data={[...new Set([...targets, rule.environment])]} value={rule.environment} allowDeselect={false} onChange={one => change(rules.with(index, { ...rule, environment: one ?? 'preview' }))} style={{ flex: 1, minWidth: 0 }} />
                    <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Remove the rule about ${rule.match || 'nothing yet'}`} onClick={() => change(rules.toSpliced(index, 1))}>
                        <IconTrash size={16} />
                    </ActionIcon>
                </Group>
            ))}
            <div>
                <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => change([...rules, { match: '', environment: 'preview' }])}>
                    {name === 'Tag' ? 'Rule about tags' : 'Rule about branches'}
                </Button>
            </div>
        </Stack>
    );
}
