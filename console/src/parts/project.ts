import { api } from '@/api/client';
import type { Schema } from '@/api/query';

// Some fields of a project; what is not named stays. The version is the one that the change began at.
export function changeProject(project: string, version: number, changes: Partial<Schema<'ProjectChanges'>>) {
    return api.PATCH('/v1/projects/{project}', { params: { path: { project }, header: { 'If-Match': `"${version}"` } }, body: changes as never });
}
