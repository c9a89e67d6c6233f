import { useNames } from '@/shell/where';
import { Page } from '@/parts/Page';
import { Tabbed } from '@/parts/Tabbed';
import { Inventory } from './Inventory';
import { Zones } from './Zones';

// All names of a team: its domains with their certificates, and the DNS zones that it keeps here.
export function TeamDomains() {
    const { team } = useNames();
    return (
        <Page title="Domains" about="The names of all projects, their certificates, and your DNS zones.">
            <Tabbed
                tabs={[
                    { value: 'domains', label: 'Domains and certificates', shows: () => <Inventory team={team} /> },
                    { value: 'zones', label: 'DNS zones', shows: () => <Zones team={team} /> },
                ]}
            />
        </Page>
    );
}
