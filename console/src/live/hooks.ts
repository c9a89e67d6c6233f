import { useEffect, useSyncExternalStore } from 'react';
import { queries, stale } from '../api/query';
import { follow, hear, liveState, onMissed, onState, type Message, type State } from './socket';

export function useLiveState(): State {
    return useSyncExternalStore(onState, liveState);
}

// What is on the screen and may be another now. A deployment that moves is asked for by itself and in every list.
function told(message: Message): void {
    if (message.type === 'deployment') {
        stale('/v1/deployments/{deployment}', '/v1/projects', '/v1/teams/{team}/overview', '/v1/teams/{team}/sites', '/v1/teams/{team}/deployments');
    } else if (message.type === 'changed') {
        stale('/v1/projects', '/v1/teams', '/v1/deployments/{deployment}');
    }
}

// Keep everything of a team fresh for as long as a page of it is open. After a lost connection all of it is asked anew.
export function useLiveTeam(team: string | undefined): void {
    useEffect(() => {
        if (!team) {
            return undefined;
        }
        const ends = [follow({ team }), hear(told), onMissed(() => void queries.invalidateQueries())];
        return () => ends.forEach(end => end());
    }, [team]);
}
