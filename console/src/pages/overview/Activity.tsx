import { SegmentedControl } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { $api } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Page } from '@/parts/Page';
import { Panel } from '@/parts/Panel';
import { permits } from '@/parts/permits';
import { useHere, useNames } from '@/shell/where';
import { Happened, type Event } from './Happened';
import classes from './Overview.module.css';

const KINDS: { value: string; label: string; holds: (action: string) => boolean }[] = [
    { value: 'all', label: 'Everything', holds: () => true },
    { value: 'deployments', label: 'Deployments', holds: action => /^(deployments|git|rollouts)\./.test(action) },
    { value: 'settings', label: 'Settings', holds: action => /^(projects|domains|edge|supply)\./.test(action) },
    { value: 'people', label: 'People', holds: action => /^(teams|identity|meta|audit)\./.test(action) },
];

const HOUR = new Intl.DateTimeFormat(undefined, { weekday: 'long', hour: '2-digit', minute: '2-digit' });

// Hour by hour, in the time of whoever looks.
export function byHour(events: Event[]): { hour: string; events: Event[] }[] {
    const groups: { hour: string; events: Event[] }[] = [];
    for (const event of events) {
        const hour = new Date(event.at);
        hour.setMinutes(0, 0, 0);
        const name = HOUR.format(hour);
        if (groups.at(-1)?.hour !== name) {
            groups.push({ hour: name, events: [] });
        }
        groups.at(-1)?.events.push(event);
    }
    return groups;
}

// The last 24 hours of a team in sentences; new ones come by themselves.
export function Activity() {
    const { team: slug } = useNames();
    const { team } = useHere();
    const [kind, choose] = useInAddress('kind', 'all');
    const activity = $api.useQuery('get', '/v1/teams/{team}/activity', { params: { path: { team: slug } } });
    const holds = KINDS.find(one => one.value === kind)?.holds ?? (() => true);
    return (
        <Page
            title="Activity"
            about="What happened in the last 24 hours, newest first."
            actions={permits(team?.role, 'audit.read') && <Link to={`/teams/${slug}/audit`}>All of it, in the audit log</Link>}
        >
            <div className="wide">
                <SegmentedControl aria-label="Kind" value={kind} onChange={choose} data={KINDS.map(({ value, label }) => ({ value, label }))} />
            </div>
            <Loaded query={activity} rows={8}>
                {({ items }) => {
                    const found = items.filter(event => holds(event.action));
                    return found.length === 0 ? (
                        <Empty icon={<IconActivity />} title={kind === 'all' ? 'A quiet day' : 'Nothing of this kind today'}>
                            Deployments, changes of settings and who signed in are told here as they happen.
                        </Empty>
                    ) : (
                        <div className={classes.stack} aria-live="polite" aria-relevant="additions">
                            {byHour(found).map(group => (
                                <Panel flush key={group.hour} title={group.hour}>
                                    <Happened events={group.events} />
                                </Panel>
                            ))}
                        </div>
                    );
                }}
            </Loaded>
        </Page>
    );
}
