import { Menu } from '@mantine/core';
import { IconBox, IconCheck, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Mark } from '@/pages/projects/Mark';
import { all, useSites } from '@/pages/projects/sites';
import { permits } from '@/parts/roles';
import classes from './Frame.module.css';
import { useHere } from './where';

const SHOWN = 8;

// The projects with the newest activity; a guest, who is in no team of the project, has the overview alone.
export function ProjectChoices({ team, project }: { team: string | undefined; project: string }) {
    const role = useHere().team?.role;
    const sites = useSites(team ?? '', '', SHOWN);
    return (
        <>
            <Menu.Label>{team ? 'Newest activity' : 'You are a guest of this project'}</Menu.Label>
            {all(sites).map(site => (
                <Menu.Item
                    key={site.id}
                    component={Link}
                    to={`/projects/${site.slug}`}
                    leftSection={<Mark id={site.id} name={site.name} size={20} />}
                    rightSection={site.slug === project || site.id === project ? <IconCheck size={14} aria-label="this one" role="img" /> : undefined}
                >
                    <span className={classes.choice}>{site.name}</span>
                </Menu.Item>
            ))}
            {team && (
                <>
                    <Menu.Divider />
                    <Menu.Item component={Link} to={`/teams/${team}/projects`} leftSection={<IconBox size={16} />}>
                        All projects
                    </Menu.Item>
                    {permits(role, 'project.create') && (
                        <Menu.Item component={Link} to={`/teams/${team}/new`} leftSection={<IconPlus size={16} />}>
                            New project
                        </Menu.Item>
                    )}
                </>
            )}
        </>
    );
}
