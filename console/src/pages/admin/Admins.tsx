import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { useMe } from '@/shell/where';

// A page for those who run the installation. Everybody else is told so, and nothing is asked for.
export function Admins({ title, about, actions, children }: { title: string; about?: ReactNode; actions?: ReactNode; children: () => ReactNode }) {
    const me = useMe();
    return (
        <Loaded query={me}>
            {({ user }) =>
                user?.admin ? (
                    <Page title={title} about={about} actions={actions}>
                        {children()}
                    </Page>
                ) : (
                    <Page title={title}>
                        <Panel>
                            <Empty icon={<IconLock />} title="For those who run this installation">
                                Your account does not. Somebody who does can make it so, under Users.
                            </Empty>
                        </Panel>
                    </Page>
                )
            }
        </Loaded>
    );
}
