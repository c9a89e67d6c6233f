import { IconHistory } from '@tabler/icons-react';
import { Empty } from '@/parts/Empty';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/roles';
import { Tabbed } from '@/parts/Tabbed';
import { useHere, useNames } from '@/shell/where';
import { Export } from './Export';
import { Log } from './Log';
import { Retention } from './Retention';
import { Streams } from './Streams';
import { Verify } from './Verify';

// Everything that was changed in a team, whether the record of it is whole, and where else it goes.
export function Audit() {
    const { team } = useNames();
    const role = useHere().team?.role;
    const manages = permits(role, 'audit.manage');
    if (role && !permits(role, 'audit.read')) {
        return (
            <Page title="Audit log">
                <Panel>
                    <Empty icon={<IconHistory />} title="Not for your role">
                        Owners and admins read the audit log. What happened to the projects stands under Activity.
                    </Empty>
                </Panel>
            </Page>
        );
    }
    return (
        <Page title="Audit log" about="Every change: who, what, when, from where, and how it ended.">
            <Tabbed
                tabs={[
                    { value: 'log', label: 'Log', shows: () => <Log team={team} /> },
                    { value: 'verify', label: 'Verify', shows: () => <Verify team={team} /> },
                    { value: 'keep', label: 'Export and retention', shows: () => <div className="columns"><Export team={team} /><Retention team={team} manages={manages} /></div> },
                    { value: 'streams', label: 'Streams', shows: () => <Streams team={team} manages={manages} /> },
                ]}
            />
        </Page>
    );
}
