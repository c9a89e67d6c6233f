import type { Schema } from '@/api/query';

const PATHS: Record<string, string> = { github: 'pull', gitlab: '-/merge_requests', bitbucket: 'pull-requests' };

// Where a pull request is discussed; nowhere that is known for hosts that are only git, or for one of another host than
// the repository that is connected now.
export function pullUrl(repository: Pick<Schema<'RepositoryView'>, 'provider' | 'url'> | null | undefined, pull: Pick<Schema<'PullView'>, 'provider' | 'number'>): string | undefined {
    const path = PATHS[pull.provider];
    if (!path || repository?.provider !== pull.provider || !/^https?:/.test(repository.url)) {
        return undefined;
    }
    return `${repository.url.replace(/\.git$|\/$/, '')}/${path}/${pull.number}`;
}
