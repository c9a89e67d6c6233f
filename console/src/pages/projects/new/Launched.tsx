import { Button, Stack, Text } from '@mantine/core';
import { api } from '@/api/client';
import { CommandLine } from '@/parts/CommandLine';
import { Copy } from '@/parts/Copy';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { useWrite } from '@/parts/write';
import { Deeds } from './Deeds';
import { First } from './First';
import type { Launch } from './launch';
import type { Plan } from './plan';

// The page after "Deploy": what is done, what is left to do elsewhere, and the first deployment as it runs.
export function Launched({ plan, launch, change }: { plan: Plan; launch: Launch; change: () => void }) {
    const { project, repository, deployment } = launch.made;
    const underway = launch.step === undefined && launch.fault === undefined;
    return (
        <>
            {plan.source && (
                <Panel title="On its way">
                    <Stack>
                        <Deeds plan={plan} launch={launch} change={change} />
                    </Stack>
                </Panel>
            )}
            {repository && <Elsewhere project={plan.slug} of={repository} />}
            {project && !plan.source && <Push project={project} branch={project.production_branch || 'main'} />}
            {project && underway && (
                <First
                    project={project}
                    begun={deployment}
                    waits={plan.source ? 'The repository is read; its default branch is deployed as soon as it was.' : 'Waiting for your push. This page goes on by itself.'}
                />
            )}
        </>
    );
}

// What a git host has to be told by hand: the key that opens the repository, the webhook that tells of pushes.
function Elsewhere({ project, of }: { project: string; of: NonNullable<Launch['made']['repository']> }) {
    const write = useWrite('/v1/projects');
    const check = () => write.run(() => api.POST('/v1/projects/{project}/repository/check', { params: { path: { project } } }), 'The repository can be read.');
    const byHand = of.webhook && !of.webhook.automatic ? of.webhook : undefined;
    if (!of.deploy_key && !byHand && !of.fault) {
        return null;
    }
    return (
        <Panel title="At your git host">
            <Stack>
                {of.fault && <Notice tone="warn" title={of.fault} />}
                {of.deploy_key && (
                    <div>
                        <Text fw={500}>Deploy key</Text>
                        <Text size="sm" className="soft">
                            Add it to the repository; reading is enough. Then have it checked.
                        </Text>
                        <Copy text={of.deploy_key} what="the deploy key" />
                    </div>
                )}
                {byHand && (
                    <div>
                        <Text fw={500}>Webhook</Text>
                        <Text size="sm" className="soft">
                            So that a push is deployed at once. Without one the branches are compared every five minutes.
                        </Text>
                        <Copy text={byHand.url} what="the webhook's address" />
                        {byHand.secret && <Copy text={byHand.secret} what="the webhook's secret" />}
                    </div>
                )}
                {write.fault && <Notice tone="bad" title={write.fault.message}>{write.fault.hint}</Notice>}
                <div>
                    <Button variant="default" loading={write.busy} onClick={() => void check()}>
                        Check the repository
                    </Button>
                </div>
            </Stack>
        </Panel>
    );
}

// The way of a terminal: a remote to push to where there is one, and deck.
function Push({ project, branch }: { project: NonNullable<Launch['made']['project']>; branch: string }) {
    return (
        <div className="columns">
            {project.git_url && (
                <Panel title="Push with git" about="The password is an API key, or a deploy key of the project.">
                    <Stack gap="xs">
                        <CommandLine text={`git remote add clouddeck ${project.git_url}`} />
                        <CommandLine text={`git push clouddeck HEAD:${branch}`} />
                    </Stack>
                </Panel>
            )}
            <Panel title="Or send the folder" about="From the folder of your site.">
                <Stack gap="xs">
                    <CommandLine text={`deck link ${project.slug}`} />
                    <CommandLine text="deck deploy --prod" />
                </Stack>
            </Panel>
        </div>
    );
}
