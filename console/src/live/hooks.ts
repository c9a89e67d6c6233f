import { useEffect, useSyncExternalStore } from 'react';
import { queries } from '../api/query';
import { batched } from './batch';
import { follow, hear, liveState, onMissed, onState, type Message, type State } from './socket';
import { looked, subjects, touched } from './subjects';

export function useLiveState(): State {
    return useSyncExternalStore(onState, liveState);
}

const again = batched<Message>(messages => {
    const prefixes = new Set<string>();
    const deployments = new Set<string>();
    const rollouts = new Set<string>();
    let any = false;
    for (const message of messages) {
        subjects(message).forEach(prefix => prefixes.add(prefix));
        if (message.type === 'deployment') {
            deployments.add(message.deployment.id);
        } else if (message.type === 'changed' && message.what === 'look') {
            rollouts.add(message.id);
        } else {
            // a pointer that moved says of two deployments that they are live or are not, and names neither
            any ||= message.type === 'changed' && ['pointer', 'rollout'].includes(message.what);
        }
    }
    const known = any ? new Set<string>() : deployments;
    void queries.invalidateQueries({ predicate: query => touched(query, prefixes, known) || looked(query, rollouts) });
});

// Keep everything of a team fresh for as long as a page of it is open. After a lost connection all of it is asked anew.
export function useLiveTeam(team: string | undefined): void {
    useEffect(() => {
        if (!team) {
            return undefined;
        }
        const told = (message: Message) => {
            if (message.type === 'deployment' || (message.type === 'changed' && message.team === team)) {
                again.add(message);
            }
        };
        const ends = [follow({ team }), hear(told), onMissed(() => void queries.invalidateQueries())];
        return () => ends.forEach(end => end());
    }, [team]);
}

// The same for what is no team's: its log, for those who run the installation.
export function useLiveInstallation(): void {
    useEffect(() => {
        const told = (message: Message) => {
            if (message.type === 'changed' && message.team === null) {
                again.add(message);
            }
        };
        const ends = [follow({ installation: true }), hear(told)];
        return () => ends.forEach(end => end());
    }, []);
}
