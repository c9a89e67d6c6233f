import { ActionIcon, Button, Group, NumberInput, Radio, Stack, Switch } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Draft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { OWN_STEPS, stepFault, STRATEGIES, type Delivery, type Step } from './delivery';
import { StepsDrawn } from './StepsDrawn';

const MOST = 20;

// At once or in steps, and which steps.
export function Strategy({ draft }: { draft: Draft<Delivery> }) {
    const { value, change } = draft;
    const usual = OWN_STEPS[value.strategy] ?? [];
    const steps = value.steps ?? usual;
    const set = (next: Step[]) => change({ ...value, steps: next });
    return (
        <Panel title="Strategy">
            <Stack>
                <Radio.Group label="How a release goes out" value={value.strategy} onChange={strategy => change({ ...value, strategy: strategy as Delivery['strategy'], steps: null })}>
                    <Stack gap="xs" mt="xs">
                        {STRATEGIES.map(one => (
                            <Radio key={one.value} value={one.value} label={one.label} description={one.description} />
                        ))}
                    </Stack>
                </Radio.Group>
                {value.strategy !== 'instant' && (
                    <>
                        <StepsDrawn steps={steps} />
                        <Switch label="Steps of your own" checked={value.steps !== null} onChange={event => change({ ...value, steps: event.currentTarget.checked ? usual : null })} />
                        {value.steps !== null && (
                            <Stack gap="xs">
                                {steps.map((step, index) => (
                                    <Group key={index} gap="xs" align="flex-start" wrap="nowrap" role="group" aria-label={`Step ${index + 1}`}>
                                        <NumberInput label={`Step ${index + 1}: shown to`} suffix=" %" min={0} max={100} decimalScale={2} value={step.weight} onChange={weight => set(steps.with(index, { ...step, weight: Number(weight) || 0 }))} error={stepFault(steps, index)} style={{ flex: 1, minWidth: 0 }} />
                                        <NumberInput label="For at least" suffix=" s" min={0} max={86_400} value={step.seconds} onChange={seconds => set(steps.with(index, { ...step, seconds: Number(seconds) || 0 }))} style={{ flex: 1, minWidth: 0 }} />
                                        <ActionIcon variant="subtle" color="red" size="lg" mt={26} aria-label={`Remove step ${index + 1}`} onClick={() => set(steps.toSpliced(index, 1))} disabled={steps.length === 1}>
                                            <IconTrash size={16} />
                                        </ActionIcon>
                                    </Group>
                                ))}
                                <div>
                                    <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => set([...steps, { weight: 100, seconds: 0 }])} disabled={steps.length >= MOST}>
                                        Add step
                                    </Button>
                                </div>
                            </Stack>
                        )}
                    </>
                )}
            </Stack>
        </Panel>
    );
}
