import { Select, Stack, TagsInput, TextInput } from '@mantine/core';
import type { Schema } from '@/api/query';
import { useDraft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { changeProject } from '@/parts/project';
import { SaveBar } from '@/parts/SaveBar';

type Settings = Schema<'BuildSettings'>;
type Gate = NonNullable<Settings['gate']>;
type Text = 'install_command' | 'build_command' | 'output_directory' | 'root' | 'node_version' | 'python_version';

const TEXTS: { field: Text; label: string; like: string; about: string }[] = [
    { field: 'root', label: 'Folder', like: 'web', about: 'Where commands run; the top when it is empty' },
    { field: 'output_directory', label: 'Output', like: 'dist', about: 'What is published, relative to the folder' },
    { field: 'install_command', label: 'Install command', like: 'npm ci', about: 'Chosen by the lock file when it is empty' },
    { field: 'build_command', label: 'Build command', like: 'npm run build', about: 'The framework\'s own when it is empty' },
    { field: 'node_version', label: 'Node version', like: '20', about: 'That of the repository when it is empty' },
    { field: 'python_version', label: 'Python version', like: '3.12', about: 'That of the repository when it is empty' },
];

const SIZES = [{ value: '', label: 'As the installation has it' }, { value: 'small', label: 'Small' }, { value: 'medium', label: 'Medium' }, { value: 'large', label: 'Large' }];
const DEEDS = [{ value: 'off', label: 'Not looked for' }, { value: 'warn', label: 'Named in the log' }, { value: 'block', label: 'End the build' }];
const SEVERITIES = ['low', 'medium', 'high', 'critical'];

// How the project is built. clouddeck.toml in the repository stands before what is said here.
export function Building({ site }: { site: Schema<'ProjectView'> }) {
    const changes = useMay()('project.update');
    const draft = useDraft<Settings>(site.settings, site.version);
    const { value, change } = draft;
    const gate: Gate = { vulnerabilities: value.gate?.vulnerabilities ?? 'warn', severity: value.gate?.severity ?? 'high', secrets: value.gate?.secrets ?? 'block' };
    const save = () => changeProject(site.slug, draft.version, { settings: value });
    return (
        <fieldset disabled={!changes} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
            <Stack>
                <Panel title="Commands and folders" about="What is empty is found out. clouddeck.toml in the repository wins over what stands here.">
                    <Stack>
                        <div className="columns">
                            {TEXTS.map(one => (
                                <TextInput key={one.field} label={one.label} description={one.about} placeholder={one.like} value={value[one.field] ?? ''} onChange={event => change({ ...value, [one.field]: event.currentTarget.value || null })} spellCheck={false} />
                            ))}
                            <Select label="Build machine" description="More memory and processors" data={SIZES} value={value.size ?? ''} allowDeselect={false} onChange={one => change({ ...value, size: (one || null) as Settings['size'] })} />
                            <Select
                                label="Single-page app"
                                description="Addresses without a file answer with index.html"
                                data={[{ value: '', label: 'As the framework wants' }, { value: 'yes', label: 'Yes' }, { value: 'no', label: 'No' }]}
                                value={value.spa === null || value.spa === undefined ? '' : value.spa ? 'yes' : 'no'}
                                allowDeselect={false}
                                onChange={one => change({ ...value, spa: one === '' ? null : one === 'yes' })}
                            />
                        </div>
                        <TagsInput label="Watched paths" description="Commits that change nothing of these are not built; press Enter after each" placeholder="web/**" value={value.watch ?? []} onChange={watch => change({ ...value, watch: watch.length ? watch : null })} maxTags={50} />
                    </Stack>
                </Panel>
                <Panel title="Gate" about="What is found in a build, and what becomes of the build then.">
                    <div className="columns">
                        <Select label="Vulnerable packages" data={DEEDS} value={gate.vulnerabilities ?? 'warn'} allowDeselect={false} onChange={one => change({ ...value, gate: { ...gate, vulnerabilities: one as Gate['vulnerabilities'] } })} />
                        <Select label="From this severity on" data={SEVERITIES} value={gate.severity ?? 'high'} allowDeselect={false} onChange={one => change({ ...value, gate: { ...gate, severity: one as Gate['severity'] } })} />
                        <Select label="Secrets in the output" data={DEEDS} value={gate.secrets ?? 'block'} allowDeselect={false} onChange={one => change({ ...value, gate: { ...gate, secrets: one as Gate['secrets'] } })} />
                    </div>
                </Panel>
                {changes && <SaveBar draft={draft} save={save} said="The next build goes by it." touches={['/v1/projects']} />}
            </Stack>
        </fieldset>
    );
}
