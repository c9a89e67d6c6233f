import { useMantineColorScheme } from '@mantine/core';
import { IconBook, IconLogout, IconMoon, IconPlus, IconSun, IconUserPlus, IconUsersPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { leave } from '@/api/leave';
import { permits } from '@/parts/permits';
import { Mark } from '@/pages/projects/Mark';
import { all, stateOf, useSites } from '@/pages/projects/sites';
import type { Offer } from './found';
import { accountPlaces, adminPlaces, helpPlaces, projectPlaces, teamPlaces, type Group } from './navigation';
import { useHere, useMe, useTeams } from './where';

const PROJECTS = 8;

// Everything that the palette can lead to from here. Projects are searched for by the API.
export function useOffers(typed: string, close: () => void): { offers: Offer[]; asking: boolean } {
    const navigate = useNavigate();
    const me = useMe().data?.user;
    const teams = useTeams();
    const { team, project } = useHere();
    const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
    const sites = useSites(team?.slug ?? '', typed, PROJECTS);

    const to = (address: string) => () => {
        close();
        void navigate({ to: address });
    };
    const pages = (group: string, groups: Group[]): Offer[] =>
        groups.flatMap(({ label, places }) =>
            places.map(({ label: name, to: address, icon: Icon }) => ({ id: address, label: name, group, words: label, icon: <Icon size={18} stroke={1.7} />, go: to(address) })),
        );
    const projects = all(sites).map(site => ({
        id: site.id,
        label: site.name,
        group: 'Projects',
        // The API found it, by its name or its slug: the palette has no second opinion.
        words: `${site.slug} ${typed}`,
        about: stateOf(site).word,
        icon: <Mark id={site.id} name={site.name} size={22} />,
        go: to(`/projects/${site.slug}`),
    }));
    const deeds: Offer[] = [
        ...(team && permits(team.role, 'project.create')
            ? [{ id: 'new-project', label: 'New project', words: 'create make deploy site import', icon: <IconPlus size={18} />, go: to(`/teams/${team.slug}/new`) }]
            : []),
        ...(team && permits(team.role, 'member.manage')
            ? [{ id: 'invite', label: 'Invite somebody', words: 'member add people', icon: <IconUserPlus size={18} />, go: to(`/teams/${team.slug}/members`) }]
            : []),
        { id: 'new-team', label: 'New team', words: 'create make organisation', icon: <IconUsersPlus size={18} />, go: to('/teams/new') },
        { id: 'light', label: 'Light colours', words: 'theme bright', icon: <IconSun size={18} />, go: () => (setColorScheme('light'), close()) },
        { id: 'dark', label: 'Dark colours', words: 'theme night', icon: <IconMoon size={18} />, go: () => (setColorScheme('dark'), close()) },
        { id: 'docs', label: 'Documentation', words: 'help manual guide', icon: <IconBook size={18} />, go: () => location.assign('/docs/') },
        {
            id: 'leave',
            label: 'Sign out',
            words: 'log out leave',
            icon: <IconLogout size={18} />,
            go: () => {
                close();
                void leave().then(() => navigate({ to: '/sign-in' }));
            },
        },
    ].map(deed => ({ ...deed, group: 'Do' }));
    const others = teams
        .filter(one => one.id !== team?.id)
        .map(one => ({ id: one.id, label: one.name, group: 'Teams', words: `team switch ${one.slug}`, icon: <Mark id={one.id} name={one.name} size={22} />, go: to(`/teams/${one.slug}`) }));
    const offers = [
        ...(project ? pages(project, projectPlaces(project)) : []),
        ...projects,
        ...deeds.slice(0, 3),
        ...(team ? pages(team.name, teamPlaces(team.slug, team.role)) : []),
        ...others,
        ...pages('Account', accountPlaces),
        ...(me?.admin ? pages('Installation', adminPlaces) : []),
        ...pages('Help', [helpPlaces]),
        ...deeds.slice(3),
    ];
    return { offers, asking: sites.isFetching };
}
