import { Page } from '@/parts/Page';
import { Tabbed } from '@/parts/Tabbed';
import { Graph } from './Graph';
import { Rest } from './Rest';

// The API, to read and to try: made of its own description, so nothing here can be out of date.
export function Explorer() {
    return (
        <Page title="API" about="Everything the console does, your programs can do. Requests are sent with your session, and what you may do holds here too.">
            <Tabbed
                tabs={[
                    { value: 'rest', label: 'REST', shows: () => <Rest /> },
                    { value: 'graphql', label: 'GraphQL', shows: () => <Graph /> },
                ]}
            />
        </Page>
    );
}
