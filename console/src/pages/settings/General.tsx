import { Autocomplete, Stack, TextInput } from '@mantine/core';
import type { Schema } from '@/api/query';
import { Copy } from '@/parts/Copy';
import { useDraft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { changeProject } from '@/parts/project';
import { SaveBar } from '@/parts/SaveBar';
import { FRAMEWORKS } from './frameworks';

// Name, framework and production branch; and what never changes.
export function General({ site }: { site: Schema<'ProjectView'> }) {
    const changes = useMay()('project.update');
    const draft = useDraft({ name: site.name, framework: site.framework ?? '', production_branch: site.production_branch }, site.version);
    const { value, change } = draft;
    const save = () =>
        changeProject(site.slug, draft.version, {
            ...(value.name !== site.name ? { name: value.name } : {}),
            ...(value.framework && value.framework !== site.framework ? { framework: value.framework } : {}),
            ...(value.production_branch !== site.production_branch ? { production_branch: value.production_branch } : {}),
        });
    return (
        <Stack>
            <Panel title="Project">
                <div className="columns">
                    <TextInput label="Name" value={value.name} onChange={event => change({ ...value, name: event.currentTarget.value })} disabled={!changes} />
                    <Autocomplete label="Framework" description="Found out by itself when it is empty" data={FRAMEWORKS} value={value.framework} onChange={framework => change({ ...value, framework })} disabled={!changes} limit={40} />
                    <TextInput label="Production branch" description="Pushes to it go live" placeholder="main" value={value.production_branch} onChange={event => change({ ...value, production_branch: event.currentTarget.value })} disabled={!changes} />
                </div>
                {changes && <SaveBar draft={draft} save={save} touches={['/v1/projects', '/v1/teams']} disabled={!value.name.trim()} />}
            </Panel>
            <Panel title="For programs">
                <Stack gap="xs">
                    <Copy text={site.id} what="the id of the project" />
                    <Copy text={site.slug} what="the slug" />
                    {site.git_url && <Copy text={site.git_url} what="the git remote" />}
                </Stack>
            </Panel>
        </Stack>
    );
}
