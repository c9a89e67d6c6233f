import { $api } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { ability } from '@/push/subscription';
import { Browsers } from './notifications/Browsers';
import { Choice } from './notifications/Choice';
import { TurnOn } from './notifications/TurnOn';
import { Unable } from './notifications/Unable';
import { useSubscription } from './notifications/useSubscription';

export function Notifications() {
    const query = $api.useQuery('get', '/v1/me/push');
    const { subscription, changed } = useSubscription();
    const able = ability();
    return (
        <Page title="Notifications" about="What happens to your sites, told at your browsers, also when this page is closed.">
            <Loaded query={query}>
                {({ items, events }) => {
                    const here = subscription ? items.find(one => one.current) : undefined;
                    return (
                        <>
                            <Panel title="This browser" about={here ? 'Notifications are on here.' : undefined}>
                                {able !== 'ready' ? (
                                    <Unable why={able} />
                                ) : here && subscription ? (
                                    <Choice browser={here} events={events} subscription={subscription} onChanged={changed} />
                                ) : (
                                    <TurnOn events={events} onChanged={changed} />
                                )}
                            </Panel>
                            {items.length > 0 && (
                                <Panel title="Browsers that are told" about="Each has a choice of its own, and is told for as long as it is signed in." flush>
                                    <Browsers items={items} here={here?.id} onChanged={changed} />
                                </Panel>
                            )}
                        </>
                    );
                }}
            </Loaded>
        </Page>
    );
}
