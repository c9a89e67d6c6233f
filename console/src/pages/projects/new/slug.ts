// What a project may be called in its address, said while one types. The API decides; source: docs/api.md, `POST /v1/projects`.

export const SLUG_MAX = 35;

const RESERVED = new Set([
    'api', 'www', 'app', 'admin', 'console', 'docs', 'git', 'live', 'mail', 'status', 'static', 'assets', 'cdn', 'edge', 'auth', 'login', 'localhost', 'test', 'example', 'clouddeck', 'domain',
]);

// Why this cannot be a slug, as a sentence; empty when it can.
export function slugFault(slug: string): string {
    if (slug === '' || slug.length > SLUG_MAX) {
        return `1 to ${SLUG_MAX} characters.`;
    }
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(slug)) {
        return 'Only a-z, 0-9 and single hyphens, with a letter or a digit at both ends.';
    }
    if (slug.includes('--')) {
        return 'One hyphen at a time: two of them separate a deployment from its project.';
    }
    return RESERVED.has(slug) ? `${slug} is kept for the installation.` : '';
}

// The slug that a name suggests.
export function slugOf(name: string): string {
    return name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, SLUG_MAX)
        .replace(/-+$/, '');
}

// The name that a repository's address, or a folder's, suggests.
export function nameOf(address: string): string {
    const last = address.trim().replace(/[/\\]+$/, '').replace(/\.git$/i, '').split(/[/:\\]/).at(-1) ?? '';
    return last.slice(0, 80);
}
