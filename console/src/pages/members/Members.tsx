import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Page } from '@/parts/Page';
import { permits } from '@/parts/permits';
import { useHere, useNames } from '@/shell/where';
import { Invitations } from './Invitations';
import { Invite } from './Invite';
import { People } from './People';
import { RoleMatrix } from './RoleMatrix';

// Who is in the team and as what, who was asked to come, and what each role means.
export function Members() {
    const { team } = useNames();
    const { team: here } = useHere();
    const [inviting, setInviting] = useState(false);
    const manages = permits(here?.role, 'member.manage');
    return (
        <Page
            title="Members"
            about="Who is in the team, and what they may do."
            actions={
                manages && (
                    <Button leftSection={<IconUserPlus size={16} />} onClick={() => setInviting(true)}>
                        Invite somebody
                    </Button>
                )
            }
        >
            <People team={team} role={here?.role ?? ''} />
            {manages && <Invitations team={team} />}
            <RoleMatrix mine={here?.role ?? ''} />
            <Invite team={team} role={here?.role ?? ''} opened={inviting} onClose={() => setInviting(false)} />
        </Page>
    );
}
