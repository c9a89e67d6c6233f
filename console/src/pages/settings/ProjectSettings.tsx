import { Stack } from '@mantine/core';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { useMay } from '@/parts/permits';
import { Tabbed } from '@/parts/Tabbed';
import { useNames, useProject } from '@/shell/where';
import { Building } from './Building';
import { Danger } from './Danger';
import { DeployKeys } from './DeployKeys';
import { General } from './General';
import { GitRules } from './GitRules';
import { Guests } from './Guests';
import { Hooks } from './Hooks';
import { Repository } from './Repository';
import { Schedules } from './Schedules';

// A project's own settings: what it is, how it is built, where it comes from, what starts a deployment, and its end.
export function ProjectSettings() {
    const { project } = useNames();
    const site = useProject(project);
    const may = useMay();
    return (
        <Page title="Settings" about="What the project is, how it is built, and what starts a deployment.">
            <Loaded query={site} rows={6}>
                {found => (
                    <Tabbed
                        tabs={[
                            { value: 'general', label: 'General', shows: () => <General site={found} /> },
                            { value: 'build', label: 'Build', shows: () => <Building site={found} /> },
                            { value: 'git', label: 'Git', shows: () => <Stack><Repository site={found} /><GitRules site={found} /></Stack> },
                            { value: 'triggers', label: 'Hooks and schedules', shows: () => <Stack><Hooks site={found} /><Schedules site={found} /></Stack> },
                            { value: 'people', label: 'Guests and keys', shows: () => <Stack><Guests project={project} /><DeployKeys project={project} /></Stack> },
                            ...(may('project.delete') ? [{ value: 'danger', label: 'Danger', shows: () => <Danger site={found} /> }] : []),
                        ]}
                    />
                )}
            </Loaded>
        </Page>
    );
}
