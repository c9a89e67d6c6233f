import { Button, NumberInput, Select } from '@mantine/core';
import type { Draft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { JUDGE, type Delivery, type Judge } from './delivery';

const SILENT = [{ value: 'go_on', label: 'Goes on' }, { value: 'hold', label: 'Is paused' }, { value: 'abort', label: 'Is taken back' }];

// The limits that a new version is held to while it is shown to some.
export function JudgeLimits({ draft }: { draft: Draft<Delivery> }) {
    const { value, change } = draft;
    const judge = { ...JUDGE, ...Object.fromEntries(Object.entries(value.judge ?? {}).filter(([, one]) => one !== null)) } as typeof JUDGE & Judge;
    const set = (part: Partial<Judge>) => change({ ...value, judge: { error_rate: null, p95_ms: null, health: null, min_requests: null, false_abort: null, max_seconds: null, when_silent: null, ...value.judge, ...part } });
    const share = (one: number) => Math.round(one * 10_000) / 100;
    return (
        <Panel
            title="Limits of the judge"
            about="It looks every half minute at what both versions answer, and takes a release back that is beyond them. It looks while a release goes out in steps."
            actions={
                value.judge && (
                    <Button size="xs" variant="default" onClick={() => change({ ...value, judge: null })}>
                        Back to the defaults
                    </Button>
                )
            }
        >
            <div className="columns">
                <NumberInput label="Server errors" description="Share of answers with 5xx" suffix=" %" min={0} max={100} decimalScale={2} value={share(judge.error_rate ?? 0)} onChange={one => set({ error_rate: Number(one) / 100 })} />
                <NumberInput label="Time to answer" description="95 of 100 answers are quicker" suffix=" ms" min={1} value={judge.p95_ms ?? 0} onChange={one => set({ p95_ms: Number(one) || 1 })} />
                <NumberInput label="Health score" description="At least, of 100" min={0} max={100} value={judge.health ?? 0} onChange={one => set({ health: Number(one) })} />
                <NumberInput label="Requests in a step" description="So many have to be seen before it passes" min={1} thousandSeparator="," value={judge.min_requests ?? 0} onChange={one => set({ min_requests: Number(one) || 1 })} />
                <NumberInput label="False alarms" description="How often a harmless release may be taken back" suffix=" %" min={0.01} max={50} decimalScale={2} value={share(judge.false_abort ?? 0)} onChange={one => set({ false_abort: Number(one) / 100 })} />
                <NumberInput label="A step lasts at most" suffix=" s" description="Then it ends, decided or not" min={1} max={86_400} value={judge.max_seconds ?? 0} onChange={one => set({ max_seconds: Number(one) || 1 })} />
                <Select label="With too few requests by then" description="What becomes of the release" data={SILENT} value={judge.when_silent ?? 'go_on'} allowDeselect={false} onChange={one => set({ when_silent: one as Judge['when_silent'] })} />
            </div>
        </Panel>
    );
}
