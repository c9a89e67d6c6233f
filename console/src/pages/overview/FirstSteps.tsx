import { Button } from '@mantine/core';
import { IconBrandGit, IconFolderUp, IconPlus, IconTerminal2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty } from '@/parts/Empty';
import { Panel } from '@/parts/Panel';
import { Commands } from '../projects/new/Commands';
import classes from './FirstSteps.module.css';

function Way({ icon, title, to, way, children }: { icon: ReactNode; title: string; to: string; way: string; children: ReactNode }) {
    return (
        <Link to={to} search={{ way } as never} className={classes.way}>
            {icon}
            <h2>{title}</h2>
            <p className="soft">{children}</p>
        </Link>
    );
}

// What a team sees that has no project yet: three ways to the first site.
export function FirstSteps({ team, creates }: { team: string; creates: boolean }) {
    if (!creates) {
        return (
            <Empty icon={<IconPlus />} title="No projects yet">
                Developers, admins and owners of the team make projects. They will be here as soon as there are any.
            </Empty>
        );
    }
    const to = `/teams/${team}/new`;
    return (
        <>
            <div className="tiles">
                <Way icon={<IconBrandGit size={26} stroke={1.5} />} title="From a repository" to={to} way="repository">
                    Choose one at GitHub, or give the address of any other. Every push is built and published.
                </Way>
                <Way icon={<IconFolderUp size={26} stroke={1.5} />} title="From a folder" to={to} way="folder">
                    Drop a folder here: sources are built, plain files are published as they are.
                </Way>
                <Way icon={<IconTerminal2 size={26} stroke={1.5} />} title="From your terminal" to={to} way="terminal">
                    Push with git, or let deck send the folder that you are in.
                </Way>
            </div>
            <Panel title="With the deck command" actions={<Button component={Link} to={to} size="xs" leftSection={<IconPlus size={14} />}>New project</Button>}>
                <Commands team={team} />
            </Panel>
        </>
    );
}
