import { Button, Group, NativeSelect, Progress, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { order } from '@/pages/deployments/order';
import { CommandLine } from '@/parts/CommandLine';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { Drop } from '../new/Drop';
import { isOutput, type Folder } from '../new/folder';
import { upload, type Progress as Sent } from '../new/upload';

// How the first deployment comes about: by a push, from the terminal, or from a folder that is dropped here.
export function FirstSteps({ project }: { project: Schema<'ProjectView'> }) {
    const may = useMay();
    return (
        <div className="tiles">
            {project.git_url && (
                <Panel title="Push it" about="From a repository that you have. It is built with every push.">
                    <Stack gap="xs">
                        <CommandLine text={`git remote add clouddeck ${project.git_url}`} about="Once, in your repository." />
                        <CommandLine text={`git push clouddeck HEAD:${project.production_branch || 'main'}`} about={`What is pushed to ${project.production_branch || 'main'} goes live. The password is an API key.`} />
                    </Stack>
                </Panel>
            )}
            <Panel title="Use the terminal" about="From any folder, with deck.">
                <Stack gap="xs">
                    <CommandLine text={`deck link ${project.slug}`} about="In the folder of your site." />
                    <CommandLine text="deck deploy --prod" about="Send what is new, build it, go live." />
                </Stack>
            </Panel>
            {may('deployment.create') && <FromFolder project={project.slug} />}
        </div>
    );
}

// A site with a page and nothing to build it from is finished.
const finished = (folder: Folder): boolean => folder.files.some(one => one.path === 'index.html') && !folder.files.some(one => /^(package\.json|clouddeck\.toml|hugo\.toml|mkdocs\.yml|_config\.yml)$/.test(one.path));

function FromFolder({ project }: { project: string }) {
    const [folder, setFolder] = useState<Folder>();
    const [kind, setKind] = useState<'source' | 'output'>('source');
    const [sent, setSent] = useState<Sent>();
    const [fault, setFault] = useState<unknown>();
    const navigate = useNavigate();
    const send = async (from: Folder) => {
        setFault(undefined);
        setSent({ phase: 'hashing', done: 0, total: from.files.length });
        try {
            const files = kind === 'source' ? from.files.filter(one => !isOutput(one.path)) : from.files;
            const id = await upload(project, kind, files, setSent);
            const { data } = await api.POST('/v1/projects/{project}/deployments', {
                params: { path: { project } },
                body: order({ upload: id, production: true, message: `From the folder ${from.name || 'that was dropped'}` }),
            });
            stale('/v1/projects', '/v1/teams');
            await navigate({ to: '/deployments/$deployment', params: { deployment: data?.id ?? '' } });
        } catch (error) {
            setFault(error);
            setSent(undefined);
        }
    };
    return (
        <Panel title="Drop a folder" about="A site, or the source of one.">
            <Stack>
                <Drop
                    folder={folder}
                    choose={chosen => {
                        setFolder(chosen);
                        setKind(finished(chosen) ? 'output' : 'source');
                    }}
                />
                {folder && (
                    <NativeSelect
                        label="What it is"
                        value={kind}
                        onChange={event => setKind(event.currentTarget.value as typeof kind)}
                        data={[{ value: 'source', label: 'Source, to be built' }, { value: 'output', label: 'A finished site, to be published as it is' }]}
                    />
                )}
                {fault !== undefined && <Fault of={fault} />}
                {sent && (
                    <div role="status">
                        <Text size="sm" className="soft">{sent.phase === 'hashing' ? 'Looking at the files' : 'Sending what is new'}</Text>
                        <Progress value={sent.total ? (100 * sent.done) / sent.total : 100} aria-label="Progress" />
                    </div>
                )}
                {folder && folder.files.length > 0 && (
                    <Group justify="flex-end">
                        <Button loading={sent !== undefined} onClick={() => void send(folder)}>
                            Deploy
                        </Button>
                    </Group>
                )}
            </Stack>
        </Panel>
    );
}
