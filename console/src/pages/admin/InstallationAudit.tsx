import { useLiveInstallation } from '@/live/hooks';
import { Tabbed } from '@/parts/Tabbed';
import { Log } from '../audit/Log';
import { Verify } from '../audit/Verify';
import { Admins } from './Admins';

// What is no team's: accounts, settings of the installation, what was decided about teams.
export function InstallationAudit() {
    return (
        <Admins title="Audit log" about="What was changed in the installation itself. Each team has a log of its own.">
            {() => (
                <Tabbed
                    tabs={[
                        { value: 'log', label: 'Log', shows: () => <LiveLog /> },
                        { value: 'verify', label: 'Verify', shows: () => <Verify team={null} /> },
                    ]}
                />
            )}
        </Admins>
    );
}

function LiveLog() {
    useLiveInstallation();
    return <Log team={null} />;
}
