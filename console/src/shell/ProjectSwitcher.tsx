import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import classes from './Frame.module.css';

const ProjectChoices = lazy(() => import('./ProjectChoices').then(({ ProjectChoices: it }) => ({ default: it })));

// The project that the page is about, and the way to the others of its team, which are asked for when it opens.
export function ProjectSwitcher({ team, project }: { team: string | undefined; project: string }) {
    return (
        <Menu position="bottom-start" width={260}>
            <Menu.Target>
                <Button className={classes.named} variant="subtle" color="gray" size="compact-md" rightSection={<IconChevronDown size={14} />} aria-label={`Project ${project}, switch`}>
                    <span className={classes.choice}>{project}</span>
                </Button>
            </Menu.Target>
            <Menu.Dropdown className={classes.choices}>
                <Suspense fallback={<Menu.Label>Projects come...</Menu.Label>}>
                    <ProjectChoices team={team} project={project} />
                </Suspense>
            </Menu.Dropdown>
        </Menu>
    );
}
