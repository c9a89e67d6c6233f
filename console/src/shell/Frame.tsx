import { Burger } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet } from '@tanstack/react-router';
import { useSignedIn } from '@/api/session';
import { useLiveTeam } from '@/live/hooks';
import { SideSheet } from '@/parts/Sheet';
import { useSteadyFocus } from '@/parts/steady';
import { Arrived } from './Arrived';
import { Away } from './Away';
import classes from './Frame.module.css';
import { Help } from './Help';
import { accountPlaces, adminPlaces, projectPlaces, teamPlaces, type Group } from './navigation';
import { Offline, useBare } from './Offline';
import { SignInFirst } from './Onward';
import { Places } from './Places';
import { ProjectSwitcher } from './ProjectSwitcher';
import { Search } from './Search';
import { StepUp } from './StepUp';
import { TeamSwitcher } from './TeamSwitcher';
import { UserMenu } from './UserMenu';
import { useHere, useMe, usePath } from './where';

const MAIN = 'main';

function usePlaces(): Group[] {
    const path = usePath();
    const { team, project } = useHere();
    const admin = useMe().data?.user?.admin;
    if (path.startsWith('/admin') && admin) {
        return adminPlaces;
    }
    if (path.startsWith('/account')) {
        return accountPlaces;
    }
    if (project) {
        return projectPlaces(project);
    }
    return team ? teamPlaces(team.slug, team.role) : [];
}

// What surrounds every page of somebody who is signed in.
export function Frame() {
    const signedIn = useSignedIn();
    return signedIn ? <Inside /> : <SignInFirst />;
}

function Inside() {
    const [opened, { toggle, close }] = useDisclosure();
    const { team, project } = useHere();
    const groups = usePlaces();
    useLiveTeam(team?.id);
    const bare = useBare();
    useSteadyFocus();
    return (
        <>
            <a
                href="#main"
                className={classes.skip}
                onClick={event => {
                    // The address stays: in it `#` names lines of logs and what mails carry.
                    event.preventDefault();
                    document.getElementById(MAIN)?.focus();
                }}
            >
                To the content
            </a>
            <Arrived main={MAIN} />
            <div className={classes.frame}>
                <header className={project ? `${classes.top} ${classes.deep}` : classes.top}>
                    <div className={classes.burger}>
                        <Burger size="sm" opened={opened} onClick={toggle} aria-label="Places" aria-haspopup="dialog" aria-expanded={opened} />
                    </div>
                    <Link to={team ? `/teams/${team.slug}` : '/home'} className={classes.mark} aria-label="CloudDeck">
                        <img src="/icon.svg" alt="" width={28} height={28} />
                    </Link>
                    <TeamSwitcher />
                    {project && (
                        <>
                            <span className={classes.slash} aria-hidden="true">
                                /
                            </span>
                            <ProjectSwitcher team={team?.slug} project={project} />
                        </>
                    )}
                    <div className={classes.gap} />
                    <Search />
                    <UserMenu />
                </header>
                <aside className={classes.side}>
                    <Places groups={groups} />
                    <Help />
                </aside>
                <main className={classes.main} id={MAIN} tabIndex={-1}>
                    <Away />
                    {bare ? <Offline /> : <Outlet />}
                </main>
            </div>
            <SideSheet opened={opened} onClose={close} size="16rem" title="CloudDeck">
                <Places groups={groups} onGo={close} />
                <Help onGo={close} />
            </SideSheet>
            <StepUp />
        </>
    );
}
