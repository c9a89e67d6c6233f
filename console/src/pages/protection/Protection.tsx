import { Page } from '@/parts/Page';
import { useMay } from '@/parts/permits';
import { Tabbed } from '@/parts/Tabbed';
import { useNames } from '@/shell/where';
import { Access } from './Access';
import { Backends } from './Backends';
import { Guard } from './Guard';
import { Purge } from './Purge';

// Who may see the site, what it refuses, what caches keep, and how the servers behind it are.
export function Protection() {
    const { project } = useNames();
    const may = useMay();
    return (
        <Page title="Protection" about="Who may see the site, what it refuses, and what stands behind it.">
            <Tabbed
                tabs={[
                    { value: 'access', label: 'Access', shows: () => <Access project={project} /> },
                    { value: 'guard', label: 'Guard', shows: () => <Guard project={project} /> },
                    ...(may('site.purge') ? [{ value: 'caches', label: 'Caches', shows: () => <Purge project={project} /> }] : []),
                    { value: 'backends', label: 'Backends', shows: () => <Backends project={project} /> },
                ]}
            />
        </Page>
    );
}
