import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router';
import { Lost } from './shell/Lost';
import { Broken } from './shell/Broken';

// Every address of the console and the page behind it. Pages come when they are asked for.

type Load = () => Promise<Record<string, unknown>>;

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost, errorComponent: Broken });

const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: lazyRouteComponent(() => import('./shell/Frame'), 'Frame') });

function doors(path: string, load: Load, name: string) {
    return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name) });
}

function inside(path: string, load: Load, name: string) {
    return createRoute({ getParentRoute: () => frame, path, component: lazyRouteComponent(load as never, name), errorComponent: Broken });
}

const routeTree = root.addChildren([
    doors('/sign-in', () => import('./pages/doors/SignIn'), 'SignIn'),
    doors('/sign-up', () => import('./pages/doors/SignUp'), 'SignUp'),
    doors('/verify', () => import('./pages/doors/Verify'), 'Verify'),
    doors('/forgot', () => import('./pages/doors/Forgot'), 'Forgot'),
    doors('/reset', () => import('./pages/doors/Reset'), 'Reset'),
    doors('/invitations', () => import('./pages/doors/Invitation'), 'Invitation'),
    doors('/device', () => import('./pages/doors/Device'), 'Device'),
    doors('/access', () => import('./pages/doors/Enter'), 'Enter'),
    frame.addChildren([
        inside('/home', () => import('./pages/doors/Home'), 'Home'),

        inside('/account', () => import('./pages/account/Profile'), 'Profile'),
        inside('/account/security', () => import('./pages/account/Security'), 'Security'),
        inside('/account/tokens', () => import('./pages/account/Tokens'), 'Tokens'),
        inside('/account/notifications', () => import('./pages/account/Notifications'), 'Notifications'),

        inside('/teams/new', () => import('./pages/overview/NewTeam'), 'NewTeam'),
        inside('/teams/$team', () => import('./pages/overview/Overview'), 'Overview'),
        inside('/teams/$team/projects', () => import('./pages/projects/Projects'), 'Projects'),
        inside('/teams/$team/new', () => import('./pages/projects/NewProject'), 'NewProject'),
        inside('/teams/$team/activity', () => import('./pages/overview/Activity'), 'Activity'),
        inside('/teams/$team/map', () => import('./pages/map/TeamMap'), 'TeamMap'),
        inside('/teams/$team/domains', () => import('./pages/domains/TeamDomains'), 'TeamDomains'),
        inside('/teams/$team/members', () => import('./pages/members/Members'), 'Members'),
        inside('/teams/$team/policies', () => import('./pages/policies/Policies'), 'Policies'),
        inside('/teams/$team/tokens', () => import('./pages/tokens/TeamTokens'), 'TeamTokens'),
        inside('/teams/$team/sso', () => import('./pages/sso/SingleSignOn'), 'SingleSignOn'),
        inside('/teams/$team/audit', () => import('./pages/audit/Audit'), 'Audit'),
        inside('/teams/$team/settings', () => import('./pages/settings/TeamSettings'), 'TeamSettings'),

        inside('/projects/$project', () => import('./pages/projects/Project'), 'Project'),
        inside('/projects/$project/deployments', () => import('./pages/deployments/Deployments'), 'Deployments'),
        inside('/projects/$project/rollouts', () => import('./pages/rollouts/Rollouts'), 'Rollouts'),
        inside('/projects/$project/rollouts/$rollout', () => import('./pages/rollouts/Rollout'), 'Rollout'),
        inside('/projects/$project/previews', () => import('./pages/previews/Previews'), 'Previews'),
        inside('/projects/$project/traffic', () => import('./pages/traffic/Traffic'), 'Traffic'),
        inside('/projects/$project/map', () => import('./pages/map/ProjectMap'), 'ProjectMap'),
        inside('/projects/$project/domains', () => import('./pages/domains/Domains'), 'Domains'),
        inside('/projects/$project/domains/$domain', () => import('./pages/domains/Domain'), 'Domain'),
        inside('/projects/$project/rules', () => import('./pages/rules/Rules'), 'Rules'),
        inside('/projects/$project/variables', () => import('./pages/variables/Variables'), 'Variables'),
        inside('/projects/$project/protection', () => import('./pages/protection/Protection'), 'Protection'),
        inside('/projects/$project/delivery', () => import('./pages/delivery/Delivery'), 'Delivery'),
        inside('/projects/$project/settings', () => import('./pages/settings/ProjectSettings'), 'ProjectSettings'),
        inside('/deployments/$deployment', () => import('./pages/deployments/Deployment'), 'Deployment'),

        inside('/admin', () => import('./pages/admin/Health'), 'Health'),
        inside('/admin/users', () => import('./pages/admin/Users'), 'Users'),
        inside('/admin/teams', () => import('./pages/admin/Teams'), 'Teams'),
        inside('/admin/access-requests', () => import('./pages/admin/AccessRequests'), 'AccessRequests'),
        inside('/admin/audit', () => import('./pages/admin/InstallationAudit'), 'InstallationAudit'),
        inside('/admin/settings', () => import('./pages/admin/InstallationSettings'), 'InstallationSettings'),

        inside('/explorer', () => import('./pages/explorer/Explorer'), 'Explorer'),
    ]),
]);

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true, defaultNotFoundComponent: Lost });
