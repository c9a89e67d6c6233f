import { NumberInput, Select } from '@mantine/core';
import type { Draft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import type { Delivery } from './delivery';

const DAY = 86_400;
const SKEWS: [number, string][] = [[0, 'Not at all'], [3600, 'An hour'], [DAY, 'A day'], [7 * DAY, 'A week'], [30 * DAY, '30 days']];

// What holds after a release: pages that are open, and the way back.
export function Windows({ draft }: { draft: Draft<Delivery> }) {
    const { value, change } = draft;
    const skews = SKEWS.some(([seconds]) => seconds === value.skew_seconds) ? SKEWS : [...SKEWS, [value.skew_seconds, `${value.skew_seconds} seconds`] as [number, string]];
    return (
        <Panel title="After a release">
            <div className="columns">
                <Select label="Open pages keep their version" description="They get files of the version they are of, for so long after it was replaced" data={skews.map(([seconds, label]) => ({ value: String(seconds), label }))} value={String(value.skew_seconds)} allowDeselect={false} onChange={one => change({ ...value, skew_seconds: Number(one) })} />
                <NumberInput label="Instant return" description="For so long after a rollout, ending it goes back to what was live" suffix=" s" min={0} max={DAY} value={value.keep_seconds} onChange={one => change({ ...value, keep_seconds: Number(one) || 0 })} />
            </div>
        </Panel>
    );
}
