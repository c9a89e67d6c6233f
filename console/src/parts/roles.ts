import table from './roles.json';

// What each role may do: what somebody may not do is not offered, and the API decides. The table is that of the API,
// which tests/unit/docs/test_console_roles.py holds it to.
export type Permission = keyof typeof table.permissions;
export type Role = keyof typeof table.roles;

export const WORDS: Record<Permission, string> = table.permissions;
export const PERMISSIONS = Object.keys(WORDS) as Permission[];
export const ROLES = Object.keys(table.roles) as Role[];

export function permits(role: string | undefined, permission: Permission): boolean {
    return (table.roles as Record<string, string[]>)[role ?? '']?.includes(permission) ?? false;
}

// Nobody gives what they do not have: a role is given, changed and taken by those who have every permission of it.
export function mayGive(giver: string | undefined, role: string): boolean {
    return role in table.roles && PERMISSIONS.every(permission => !permits(role, permission) || permits(giver, permission));
}
