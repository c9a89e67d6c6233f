import { ActionIcon, Button, Group, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue, useLocalStorage } from '@mantine/hooks';
import { IconBox, IconLayoutGrid, IconList, IconPhoto, IconPlus, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/permits';
import { useHere } from '@/shell/where';
import { Card, Row } from './Card';
import classes from './Projects.module.css';
import { all, useSites } from './sites';
import { useLivePictures } from './Thumbnail';

type Look = 'grid' | 'list';

// All projects of a team, the one with the newest activity first.
export function Projects() {
    const { team } = useHere();
    const [typed, type] = useState('');
    const [query] = useDebouncedValue(typed.trim(), 200);
    const [look, setLook] = useLocalStorage<Look>({ key: 'clouddeck.projects', defaultValue: 'grid', getInitialValueInEffect: false });
    const sites = useSites(team?.slug ?? '', query);
    const make = team && permits(team.role, 'project.create') && (
        <Button component={Link} to={`/teams/${team.slug}/new`} leftSection={<IconPlus size={16} />}>
            New project
        </Button>
    );
    return (
        <Page title="Projects" actions={make}>
            <Group gap="sm" wrap="nowrap">
                <TextInput
                    flex={1}
                    type="search"
                    aria-label="Search projects by name"
                    placeholder="Search by name"
                    leftSection={<IconSearch size={16} />}
                    value={typed}
                    onChange={event => type(event.currentTarget.value)}
                />
                <Group gap={4} wrap="nowrap" role="group" aria-label="Look">
                    <Choice look="grid" now={look} choose={setLook} />
                    <Choice look="list" now={look} choose={setLook} />
                </Group>
                {look === 'grid' && <Pictures />}
            </Group>
            <Loaded query={sites} rows={8} tall={look === 'grid' ? 286 : 66} tiled={look === 'grid'}>
                {() => {
                    const found = all(sites);
                    if (found.length === 0) {
                        return query ? (
                            <Empty icon={<IconSearch />} title={`No project is called ${query}`}>
                                Search finds the beginnings of names and addresses.
                            </Empty>
                        ) : (
                            <Empty icon={<IconBox />} title="No projects yet" action={make}>
                                A project is one site: its source, its deployments and the address where it is live.
                            </Empty>
                        );
                    }
                    return (
                        <>
                            {look === 'grid' ? (
                                <div className="tiles">
                                    {found.map(site => (
                                        <Card key={site.id} site={site} />
                                    ))}
                                </div>
                            ) : (
                                <Panel flush>
                                    <ul className={classes.list}>
                                        {found.map(site => (
                                            <Row key={site.id} site={site} />
                                        ))}
                                    </ul>
                                </Panel>
                            )}
                            <More of={sites} />
                        </>
                    );
                }}
            </Loaded>
        </Page>
    );
}

function Choice({ look, now, choose }: { look: Look; now: Look; choose: (look: Look) => void }) {
    const label = look === 'grid' ? 'Cards' : 'List';
    return (
        <Tooltip label={label}>
            <ActionIcon variant={look === now ? 'light' : 'subtle'} color={look === now ? 'blue' : 'gray'} size={36} aria-label={label} aria-pressed={look === now} onClick={() => choose(look)}>
                {look === 'grid' ? <IconLayoutGrid size={18} /> : <IconList size={18} />}
            </ActionIcon>
        </Tooltip>
    );
}

function Pictures() {
    const [wanted, want] = useLivePictures();
    return (
        <Tooltip label="Live sites as pictures; each is a visit that their traffic counts" multiline w={220}>
            <ActionIcon variant={wanted ? 'light' : 'subtle'} color={wanted ? 'blue' : 'gray'} size={36} aria-label="Live pictures" aria-pressed={wanted} onClick={() => want(!wanted)}>
                <IconPhoto size={18} />
            </ActionIcon>
        </Tooltip>
    );
}
