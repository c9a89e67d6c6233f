import { $api } from '@/api/query';
import { useHere, useMe } from '@/shell/where';

// What each role may do, as far as the console asks: what somebody may not do is not offered. The API decides.
const DEVELOPER = [
    'project.create', 'project.update', 'deployment.create', 'deployment.cancel', 'deployment.promote', 'deployment.approve', 'release.approve', 'site.share', 'site.purge',
    'env.read', 'env.write', 'hook.manage', 'policy.read', 'key.create',
] as const;
const ADMIN = [
    ...DEVELOPER, 'team.update', 'member.manage', 'key.manage', 'project.delete', 'domain.manage', 'environment.manage', 'release.lock', 'site.protect', 'git.manage', 'policy.manage',
    'audit.read', 'audit.manage', 'billing.read', 'sso.read',
] as const;
const OWNER = [...ADMIN, 'team.delete', 'team.transfer', 'sso.manage', 'billing.manage'] as const;

export type Permission = (typeof OWNER)[number];

const ROLES: Record<string, readonly Permission[]> = { owner: OWNER, admin: ADMIN, developer: DEVELOPER, billing: ['billing.read', 'billing.manage'], viewer: [] };

export function permits(role: string | undefined, permission: Permission): boolean {
    return (ROLES[role ?? ''] ?? []).includes(permission);
}

// A guest has a role in a project and none in its team; a member may have both, and the stronger counts.
export function useMay(): (permission: Permission) => boolean {
    const { team, project } = useHere();
    const me = useMe();
    const asks = project !== '' && me.isSuccess && !permits(team?.role, 'project.delete');
    const own = $api.useQuery('get', '/v1/me/projects', {}, { enabled: asks, staleTime: 60_000 });
    const role = own.data?.items.find(one => one.slug === project || one.project === project)?.role;
    return permission => permits(team?.role, permission) || permits(role, permission);
}
