import { $api } from '@/api/query';
import { useHere, useMe } from '@/shell/where';
import { permits, type Permission } from './roles';

export { permits, type Permission };

// A guest has a role in a project and none in its team; a member may have both, and the stronger counts.
export function useMay(): (permission: Permission) => boolean {
    const { team, project } = useHere();
    const me = useMe();
    const asks = project !== '' && me.isSuccess && !permits(team?.role, 'project.delete');
    const own = $api.useQuery('get', '/v1/me/projects', {}, { enabled: asks, staleTime: 60_000 });
    const role = own.data?.items.find(one => one.slug === project || one.project === project)?.role;
    return permission => permits(team?.role, permission) || permits(role, permission);
}
