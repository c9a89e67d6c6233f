import {
    IconActivity, IconAdjustments, IconArrowsShuffle, IconBox, IconBraces, IconBuildingSkyscraper, IconChartLine, IconCube3dSphere, IconFileCode, IconGavel, IconGitPullRequest, IconHeartbeat,
    IconHistory, IconHome, IconInbox, IconKey, IconLock, IconRoute, IconSettings, IconShieldLock, IconStack2, IconUserCheck, IconUsers, IconWorld,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { permits, type Permission } from '@/parts/roles';

// The places of the console, as data: whatever comes later is a line here and one in addresses.ts.

export interface Place {
    label: string;
    to: string;
    icon: ComponentType<{ size?: number; stroke?: number }>;
    needs?: Permission;
}

export interface Group {
    label?: string;
    places: Place[];
}

// Places of a team for somebody with this role: what they may not see is no place for them.
export function teamPlaces(team: string, role: string): Group[] {
    return placesOf(team).map(group => ({ ...group, places: group.places.filter(({ needs }) => needs === undefined || permits(role, needs)) }));
}

const placesOf = (team: string): Group[] => [
    {
        places: [
            { label: 'Overview', to: `/teams/${team}`, icon: IconHome },
            { label: 'Projects', to: `/teams/${team}/projects`, icon: IconBox },
            { label: 'Activity', to: `/teams/${team}/activity`, icon: IconActivity, needs: 'audit.read' },
            { label: 'Map', to: `/teams/${team}/map`, icon: IconCube3dSphere },
            { label: 'Domains', to: `/teams/${team}/domains`, icon: IconWorld },
        ],
    },
    {
        label: 'Team',
        places: [
            { label: 'Members', to: `/teams/${team}/members`, icon: IconUsers },
            { label: 'Policies', to: `/teams/${team}/policies`, icon: IconGavel, needs: 'policy.read' },
            { label: 'Tokens', to: `/teams/${team}/tokens`, icon: IconKey, needs: 'key.read' },
            { label: 'Single sign-on', to: `/teams/${team}/sso`, icon: IconUserCheck, needs: 'sso.read' },
            { label: 'Audit log', to: `/teams/${team}/audit`, icon: IconHistory, needs: 'audit.read' },
            { label: 'Settings', to: `/teams/${team}/settings`, icon: IconSettings },
        ],
    },
];

export const projectPlaces = (project: string): Group[] => [
    {
        places: [
            { label: 'Overview', to: `/projects/${project}`, icon: IconHome },
            { label: 'Deployments', to: `/projects/${project}/deployments`, icon: IconStack2 },
            { label: 'Rollouts', to: `/projects/${project}/rollouts`, icon: IconArrowsShuffle },
            { label: 'Previews', to: `/projects/${project}/previews`, icon: IconGitPullRequest },
            { label: 'Traffic', to: `/projects/${project}/traffic`, icon: IconChartLine },
            { label: 'Map', to: `/projects/${project}/map`, icon: IconCube3dSphere },
        ],
    },
    {
        label: 'Site',
        places: [
            { label: 'Domains', to: `/projects/${project}/domains`, icon: IconWorld },
            { label: 'Rules', to: `/projects/${project}/rules`, icon: IconRoute },
            { label: 'Variables', to: `/projects/${project}/variables`, icon: IconBraces },
            { label: 'Protection', to: `/projects/${project}/protection`, icon: IconShieldLock },
            { label: 'Delivery', to: `/projects/${project}/delivery`, icon: IconAdjustments },
            { label: 'Settings', to: `/projects/${project}/settings`, icon: IconSettings },
        ],
    },
];

export const adminPlaces: Group[] = [
    {
        label: 'Installation',
        places: [
            { label: 'Health', to: '/admin', icon: IconHeartbeat },
            { label: 'Users', to: '/admin/users', icon: IconUsers },
            { label: 'Teams', to: '/admin/teams', icon: IconBuildingSkyscraper },
            { label: 'Access requests', to: '/admin/access-requests', icon: IconInbox },
            { label: 'Audit log', to: '/admin/audit', icon: IconHistory },
            { label: 'Settings', to: '/admin/settings', icon: IconSettings },
        ],
    },
];

export const accountPlaces: Group[] = [
    {
        label: 'Account',
        places: [
            { label: 'Profile', to: '/account', icon: IconUserCheck },
            { label: 'Security', to: '/account/security', icon: IconLock },
            { label: 'Tokens', to: '/account/tokens', icon: IconKey },
            { label: 'Notifications', to: '/account/notifications', icon: IconInbox },
        ],
    },
];

export const helpPlaces: Group = {
    places: [
        { label: 'API', to: '/explorer', icon: IconFileCode },
    ],
};
