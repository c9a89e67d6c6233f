import type { Schema } from '@/api/query';
import type { Permission } from '@/parts/permits';
import { isOver } from './states';

export type Deployment = Schema<'DeploymentView'>;
export type Deed = 'promote' | 'rollback' | 'redeploy' | 'cancel' | 'share';

// What can be done with a deployment as it is, by somebody who may do so much.
export function deeds(of: Deployment, may: (permission: Permission) => boolean): Deed[] {
    const there = of.state === 'ready' && !of.removed_at;
    const possible: Record<Deed, boolean> = {
        promote: there && !of.live && of.trust !== 'untrusted' && may('deployment.promote'),
        rollback: there && !of.live && of.target === 'production' && may('deployment.promote'),
        redeploy: isOver(of.state) && of.source === 'git' && may('deployment.create'),
        cancel: !isOver(of.state) && may('deployment.cancel'),
        share: there && may('site.share'),
    };
    return (Object.keys(possible) as Deed[]).filter(deed => possible[deed]);
}

export const short = (commit: string): string => commit.slice(0, 7);

// What a deployment is of, in a line: its message, else where it came from.
export const titleOf = (of: Deployment): string => of.message.split('\n')[0] || (of.source === 'git' ? `${of.branch || of.tag} at ${short(of.commit)}` : 'Uploaded files');

// How long it took, or has taken by now, in milliseconds.
export const lasted = (of: Deployment, now = Date.now()): number => Math.max(0, (of.finished_at ? Date.parse(of.finished_at) : now) - Date.parse(of.created_at));
