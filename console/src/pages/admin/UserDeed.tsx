import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { WithReason } from './WithReason';

export type Deed = 'suspend' | 'restore' | 'clear' | 'promote' | 'demote';

const USERS = '/v1/admin/users';

// What is done to an account, each with what comes of it said before.
export function UserDeed({ deed, user, onClose }: { deed: Deed; user: Schema<'AccountView'>; onClose: () => void }) {
    const params = { path: { user: user.id } };
    const common = { onClose, touches: USERS };
    if (deed === 'suspend') {
        return (
            <WithReason {...common} title={`Suspend ${user.name}?`} action="Suspend" danger said={`${user.name} is suspended.`} send={reason => api.POST('/v1/admin/users/{user}/suspend', { params, body: { reason } })}>
                Their sessions end and their keys are refused from the next request on. Their teams and sites stay.
            </WithReason>
        );
    }
    if (deed === 'restore') {
        return (
            <WithReason {...common} title={`Restore ${user.name}?`} action="Restore" said={`${user.name} may come in again.`} send={reason => api.POST('/v1/admin/users/{user}/restore', { params, body: { reason } })}>
                The account is as it was. Keys work again; sessions are over, so they sign in anew.
            </WithReason>
        );
    }
    if (deed === 'clear') {
        return (
            <WithReason {...common} title={`Clear second factors of ${user.name}?`} action="Clear them" danger said="Their second factors are gone; a mail tells them." send={reason => api.POST('/v1/admin/users/{user}/clear-factors', { params, body: { reason } })}>
                For somebody who lost phone and codes. Make sure that it is them who asks: afterwards a password is enough. Their sessions end, and a mail tells them.
            </WithReason>
        );
    }
    const admin = deed === 'promote';
    const change = async () => {
        await api.PUT('/v1/admin/users/{user}/admin', { params, body: { admin } });
        stale(USERS);
        done(admin ? `${user.name} runs this installation, too.` : `${user.name} no longer runs this installation.`);
    };
    return (
        <Confirm opened onClose={onClose} title={admin ? `Let ${user.name} run this installation?` : `Take the installation from ${user.name}?`} action={admin ? 'Let them' : 'Take it'} danger={!admin} onConfirm={change}>
            {admin ? 'They see every account and team, decide who comes in, and can do to others what you can.' : 'They keep their account and their teams.'}
        </Confirm>
    );
}
