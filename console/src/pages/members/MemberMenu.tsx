import { ActionIcon, Menu } from '@mantine/core';
import { IconCrown, IconDots, IconDoorExit, IconUserMinus } from '@tabler/icons-react';
import type { Schema } from '@/api/query';
import { mayGive, permits } from '@/parts/roles';
import type { Deed } from './Departure';

// What can be done with a member; nothing is no menu.
export function MemberMenu({ member, mine, giver, onPick }: { member: Schema<'MemberView'>; mine: boolean; giver: string; onPick: (deed: Deed) => void }) {
    const removes = !mine && permits(giver, 'member.manage') && mayGive(giver, member.role);
    const hands = !mine && permits(giver, 'team.transfer') && member.role !== 'owner';
    if (!mine && !removes && !hands) {
        return null;
    }
    return (
        <Menu position="bottom-end">
            <Menu.Target>
                <ActionIcon variant="subtle" color="gray" aria-label={`What can be done with ${member.name}`}>
                    <IconDots size={18} />
                </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
                {hands && (
                    <Menu.Item leftSection={<IconCrown size={16} />} onClick={() => onPick('transfer')}>
                        Make owner in your place
                    </Menu.Item>
                )}
                {removes && (
                    <Menu.Item leftSection={<IconUserMinus size={16} />} color="red" onClick={() => onPick('remove')}>
                        Remove from the team
                    </Menu.Item>
                )}
                {mine && (
                    <Menu.Item leftSection={<IconDoorExit size={16} />} color="red" onClick={() => onPick('leave')}>
                        Leave the team
                    </Menu.Item>
                )}
            </Menu.Dropdown>
        </Menu>
    );
}
