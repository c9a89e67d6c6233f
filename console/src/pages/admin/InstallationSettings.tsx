import { Tabbed } from '@/parts/Tabbed';
import { Admins } from './Admins';
import { Advisories } from './settings/Advisories';
import { GitHubApp } from './settings/GitHubApp';
import { Providers } from './settings/Providers';
import { SignUpMode } from './settings/SignUpMode';

// What holds for everybody here: who may come in and how, the GitHub App, and the copy of advisories.
export function InstallationSettings() {
    return (
        <Admins title="Settings" about="What holds for everybody here.">
            {() => (
                <Tabbed
                    tabs={[
                        { value: 'sign-up', label: 'Sign-up', shows: () => <SignUpMode /> },
                        { value: 'providers', label: 'Identity providers', shows: () => <Providers /> },
                        { value: 'github', label: 'GitHub App', shows: () => <GitHubApp /> },
                        { value: 'advisories', label: 'Advisories', shows: () => <Advisories /> },
                    ]}
                />
            )}
        </Admins>
    );
}
