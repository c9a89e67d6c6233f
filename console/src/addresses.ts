// Every address of the console and the page behind it. Pages come when they are asked for; what nearly everybody opens
// first also says what it will ask the API for, so that the asking need not wait for the scripts (see start.ts).

export type Load = () => Promise<Record<string, unknown>>;
export type Names = Record<string, string>;

export interface Address {
    path: string;
    load: Load;
    name: string;
    asks?: (names: Names) => string[];
}

const door = (path: string, load: Load, name: string): Address => ({ path, load, name });
const inside = (path: string, load: Load, name: string, asks?: Address['asks']): Address => ({ path, load, name, asks });

const overview = ({ team }: Names) => [`/v1/teams/${team}/overview`, `/v1/teams/${team}/sites?limit=10`, `/v1/teams/${team}/deployments?limit=20`];

// For people who are not in, or have one thing to decide.
export const DOORS: Address[] = [
    door('/sign-in', () => import('./pages/doors/SignIn'), 'SignIn'),
    door('/sign-up', () => import('./pages/doors/SignUp'), 'SignUp'),
    door('/verify', () => import('./pages/doors/Verify'), 'Verify'),
    door('/forgot', () => import('./pages/doors/Forgot'), 'Forgot'),
    door('/reset', () => import('./pages/doors/Reset'), 'Reset'),
    door('/invitations', () => import('./pages/doors/Invitation'), 'Invitation'),
    door('/device', () => import('./pages/doors/Device'), 'Device'),
    door('/access', () => import('./pages/doors/Enter'), 'Enter'),
];

// For people who are signed in: inside of the frame with header and places.
export const INSIDE: Address[] = [
    inside('/home', () => import('./pages/doors/Home'), 'Home'),

    inside('/account', () => import('./pages/account/Profile'), 'Profile'),
    inside('/account/security', () => import('./pages/account/Security'), 'Security'),
    inside('/account/tokens', () => import('./pages/account/Tokens'), 'Tokens'),
    inside('/account/notifications', () => import('./pages/account/Notifications'), 'Notifications'),

    inside('/teams/new', () => import('./pages/overview/NewTeam'), 'NewTeam'),
    inside('/teams/$team', () => import('./pages/overview/Overview'), 'Overview', overview),
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

    inside('/deployments/$deployment', () => import('./pages/deployments/Deployment'), 'Deployment', ({ deployment }) => [`/v1/deployments/${deployment}`]),

    inside('/admin', () => import('./pages/admin/Health'), 'Health'),
    inside('/admin/users', () => import('./pages/admin/Users'), 'Users'),
    inside('/admin/teams', () => import('./pages/admin/Teams'), 'Teams'),
    inside('/admin/access-requests', () => import('./pages/admin/AccessRequests'), 'AccessRequests'),
    inside('/admin/audit', () => import('./pages/admin/InstallationAudit'), 'InstallationAudit'),
    inside('/admin/settings', () => import('./pages/admin/InstallationSettings'), 'InstallationSettings'),

    inside('/explorer', () => import('./pages/explorer/Explorer'), 'Explorer'),
];

export const frame: Load = () => import('./shell/Frame');

// The names in an address such as `/teams/$team`, or null for another address.
function names(path: string, pathname: string): Names | null {
    const wanted = path.split('/');
    const given = pathname.split('/');
    const found: Names = {};
    const fits = wanted.every((part, at) => {
        if (!part.startsWith('$')) {
            return part === given[at];
        }
        found[part.slice(1)] = given[at] ?? '';
        return !!given[at];
    });
    return fits && wanted.length === given.length ? found : null;
}

// Which of these addresses a path is, and the names in it; those without names come before those with.
export function found(among: Address[], pathname: string): { address: Address; names: Names } | undefined {
    const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
    for (const address of among) {
        const of = names(address.path, path);
        if (of) {
            return { address, names: of };
        }
    }
    return undefined;
}
