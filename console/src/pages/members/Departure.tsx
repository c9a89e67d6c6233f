import { useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { queries, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';

export type Deed = 'remove' | 'leave' | 'transfer';

// Asks before somebody goes, or the team changes hands: neither is undone by the same button.
export function Departure({ team, deed, member, onClose }: { team: string; deed: Deed; member: Schema<'MemberView'>; onClose: () => void }) {
    const navigate = useNavigate();
    const goes = async () => {
        await api.DELETE('/v1/teams/{team}/members/{user}', { params: { path: { team, user: member.user } } });
        done(deed === 'leave' ? 'You left the team.' : `${member.name} is no longer in the team.`);
        if (deed === 'leave') {
            await navigate({ to: '/' });
        }
        await queries.invalidateQueries();
    };
    const hands = async () => {
        await api.POST('/v1/teams/{team}/transfer', { params: { path: { team } }, body: { to: member.user } });
        done(`${member.name} owns the team now, and you are an admin.`);
        await queries.invalidateQueries();
    };
    if (deed === 'transfer') {
        return (
            <Confirm opened onClose={onClose} title={`Hand the team to ${member.name}?`} action="Hand it on" type={member.email} onConfirm={hands}>
                {member.name} becomes owner and you become an admin, in the same moment. Only they can hand it back.
            </Confirm>
        );
    }
    return (
        <Confirm
            opened
            onClose={onClose}
            title={deed === 'leave' ? 'Leave this team?' : `Remove ${member.name}?`}
            action={deed === 'leave' ? 'Leave' : 'Remove'}
            onConfirm={goes}
        >
            {deed === 'leave' ? 'Your' : 'Their'} roles in the team's projects, keys of the team and open invitations end at once. What was deployed stays.
        </Confirm>
    );
}
