import { Accordion, Button, Divider, Group, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { Fault } from '@/parts/Fault';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/permits';
import { useHere, useNames } from '@/shell/where';
import { BuildSettings } from './new/BuildSettings';
import { Commands } from './new/Commands';
import { Details } from './new/Details';
import { detect } from './new/detect';
import { Drop } from './new/Drop';
import type { Folder } from './new/folder';
import { Found } from './new/Found';
import { GitAddress } from './new/GitAddress';
import { GitHub } from './new/GitHub';
import { useLaunch } from './new/launch';
import { Launched } from './new/Launched';
import classes from './new/New.module.css';
import { NO_SETTINGS, type Dropped, type Plan, type Repository, type Way } from './new/plan';
import { slugFault, slugOf } from './new/slug';
import { VariableRows } from './new/VariableRows';
import { nameFault } from './new/variables';
import { Ways } from './new/Ways';

const ACTIONS: Record<Way, string> = { repository: 'Connect and deploy', folder: 'Deploy', terminal: 'Make the project' };

// A project, from where its source is to the end of its first deployment.
export function NewProject() {
    const { team } = useNames();
    const { team: here } = useHere();
    const [said, setWay] = useInAddress('way', 'folder');
    const way: Way = said === 'repository' || said === 'terminal' ? said : 'folder';
    const [repository, setRepository] = useState<Repository>();
    const [dropped, setDropped] = useState<Dropped>();
    const [typed, type] = useState<{ name?: string; slug?: string }>({});
    const [settings, setSettings] = useState(NO_SETTINGS);
    const [variables, setVariables] = useState<Plan['variables']>([]);
    const [fault, setFault] = useState<unknown>();
    const launch = useLaunch();
    const [again, setAgain] = useState(false);

    const source = { repository, folder: dropped, terminal: undefined }[way];
    const name = typed.name ?? source?.name ?? '';
    const slug = typed.slug ?? slugOf(name);
    const plan: Plan = { team, name, slug, settings, variables, source };

    // What the folder is, asked again when its root is said to be another.
    const { folder } = dropped ?? {};
    useEffect(() => {
        let over = false;
        const ask = async () => {
            if (!folder?.files.length) {
                return;
            }
            setFault(undefined);
            try {
                const found = await detect(folder.files, settings.root);
                if (!over) {
                    setDropped(now => now && { ...now, found, built: found.framework !== 'static' && found.framework !== null });
                }
            } catch (error) {
                setFault(error);
            }
        };
        const soon = setTimeout(() => void ask(), settings.root ? 400 : 0);
        return () => {
            over = true;
            clearTimeout(soon);
        };
    }, [folder, settings.root]);

    if (here && !permits(here.role, 'project.create')) {
        return (
            <Page title="New project">
                <Empty icon={<IconLock />} title="Your role makes no projects">
                    Developers, admins and owners of the team do. One of them can give you another role.
                </Empty>
            </Page>
        );
    }
    if (launch.made.project && !again) {
        return (
            <Page title={plan.name} about={way === 'terminal' ? 'The project is there. What is missing is its source.' : undefined}>
                <Launched plan={plan} launch={launch} change={() => setAgain(true)} />
            </Page>
        );
    }
    const may = permits(here?.role, 'git.manage');
    const whole = (way === 'terminal' || source !== undefined) && (way !== 'folder' || (folder?.files.length ?? 0) > 0);
    const good = whole && name.trim() !== '' && slugFault(slug) === '' && variables.every(one => nameFault(one.name, variables) === '');
    return (
        <Page title={launch.made.project ? name : 'New project'} about="Where the source is, what it is called, and it goes live.">
            {!launch.made.project && <Ways now={way} choose={setWay} />}
            {way === 'repository' &&
                (may ? (
                    <Panel title="Repository">
                        <Stack>
                            <GitHub team={team} now={repository} choose={setRepository} />
                            <Divider label="or any other, by its address" />
                            <GitAddress choose={setRepository} />
                        </Stack>
                    </Panel>
                ) : (
                    <Panel>
                        <Text className="soft">Repositories are connected by admins and owners of the team. You can drop a folder, or push from your terminal.</Text>
                    </Panel>
                ))}
            {way === 'folder' && (
                <Panel title="Folder">
                    <Stack>
                        <Drop folder={folder} choose={(chosen: Folder) => setDropped({ kind: 'folder', name: chosen.name, folder: chosen, found: undefined, built: false })} />
                        {fault !== undefined && <Fault of={fault} />}
                        {dropped?.found && <Found of={dropped.found} built={dropped.built} setBuilt={built => setDropped({ ...dropped, built })} />}
                    </Stack>
                </Panel>
            )}
            <form
                onSubmit={event => {
                    event.preventDefault();
                    setAgain(false);
                    void launch.run(plan);
                }}
            >
                <Stack gap="lg">
                    {!launch.made.project && (
                        <Panel title="Project">
                            <Details
                                name={name}
                                slug={slug}
                                taken={launch.fault?.code === 'slug_taken' ? slug : ''}
                                setName={name => type(now => ({ ...now, name }))}
                                setSlug={slug => type(now => ({ ...now, slug }))}
                            />
                        </Panel>
                    )}
                    <Accordion variant="separated" multiple classNames={{ item: classes.more }}>
                        <Accordion.Item value="build">
                            <Accordion.Control>Build settings</Accordion.Control>
                            <Accordion.Panel>
                                <BuildSettings of={settings} change={setSettings} found={way === 'folder' ? dropped?.found : undefined} />
                            </Accordion.Panel>
                        </Accordion.Item>
                        <Accordion.Item value="variables">
                            <Accordion.Control>Environment variables</Accordion.Control>
                            <Accordion.Panel>
                                <VariableRows of={variables} change={setVariables} />
                            </Accordion.Panel>
                        </Accordion.Item>
                    </Accordion>
                    {launch.fault && launch.fault.code !== 'slug_taken' && <Fault of={launch.fault} />}
                    <Group>
                        <Button type="submit" size="md" disabled={!good} loading={launch.step === 'project'}>
                            {ACTIONS[way]}
                        </Button>
                    </Group>
                </Stack>
            </form>
            {way === 'terminal' && (
                <Panel title="Without this page" about="deck makes the project out of the folder that you are in.">
                    <Commands team={team} />
                </Panel>
            )}
        </Page>
    );
}
