const HOSTS: Record<string, string> = { 'github.com': 'github', 'gitlab.com': 'gitlab', 'bitbucket.org': 'bitbucket' };

// An address tells which kind of host it is at, if it is one that is known by its name.
export function kindOf(url: string): string {
    const host = /^(?:https:\/\/|ssh:\/\/(?:[^@/]+@)?|[^@/]+@)([^/:]+)/.exec(url.trim())?.[1]?.toLowerCase() ?? '';
    return HOSTS[host] ?? (host.startsWith('git-codecommit.') ? 'codecommit' : 'git');
}
