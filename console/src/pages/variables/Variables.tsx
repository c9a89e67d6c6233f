import { Page } from '@/parts/Page';
import { useMay } from '@/parts/permits';
import { Tabbed } from '@/parts/Tabbed';
import { useNames } from '@/shell/where';
import { Bulk } from './Bulk';
import { EffectiveValues } from './EffectiveValues';
import { Environments } from './Environments';
import { Kept } from './Kept';

// What builds and sites find in their environment.
export function Variables() {
    const { project } = useNames();
    const may = useMay();
    return (
        <Page title="Variables" about="Values that builds and sites find in their environment. Secrets are sealed and never shown again.">
            <Tabbed
                tabs={[
                    { value: 'kept', label: 'Variables', shows: () => <Kept project={project} /> },
                    { value: 'effective', label: 'What a build finds', shows: () => <EffectiveValues project={project} /> },
                    ...(may('env.write') ? [{ value: 'bulk', label: 'Edit as .env', shows: () => <Bulk project={project} /> }] : []),
                    { value: 'environments', label: 'Environments', shows: () => <Environments project={project} /> },
                ]}
            />
        </Page>
    );
}
