import { useParams, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { $api, type Schema } from '@/api/query';
import { lastTeam, rememberTeam } from '@/api/session';

// Which team, project and deployment the address is about, and who asks.

export function useMe() {
    return $api.useQuery('get', '/v1/me', {}, { staleTime: 60_000 });
}

export function useTeams(): Schema<'MeView'>['teams'] {
    return useMe().data?.teams ?? [];
}

// The slugs and ids in the address; a page below /teams has `team`, one below /projects `project`.
export function useNames(): { team: string; project: string; deployment: string; rollout: string; domain: string } {
    const { team = '', project = '', deployment = '', rollout = '', domain = '' } = useParams({ strict: false });
    return { team, project, deployment, rollout, domain };
}

export function useProject(project: string) {
    return $api.useQuery('get', '/v1/projects/{project}', { params: { path: { project } } }, { enabled: project !== '', staleTime: 30_000 });
}

export function useDeployment(deployment: string) {
    return $api.useQuery('get', '/v1/deployments/{deployment}', { params: { path: { deployment } } }, { enabled: deployment !== '' });
}

// The team that the page is about, also where the address names none: that of its project, else the one of last time.
export function useHere(): { team: Schema<'MeView'>['teams'][number] | undefined; project: string } {
    const { team, project, deployment } = useNames();
    const teams = useTeams();
    const shown = useDeployment(project ? '' : deployment).data?.slug ?? '';
    const of = useProject(project || shown).data?.team;
    const named = teams.find(one => one.slug === team || one.id === team || one.id === of);
    useEffect(() => {
        if (named) {
            rememberTeam(named.slug);
        }
    }, [named]);
    const last = teams.find(one => one.slug === lastTeam());
    return { team: named ?? (team || project || deployment ? undefined : (last ?? teams[0])), project: project || shown };
}

export function usePath(): string {
    return useRouterState({ select: state => state.location.pathname });
}
