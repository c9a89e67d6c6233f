import { Button, Group, SegmentedControl, Stack, Textarea, TextInput } from '@mantine/core';
import { api } from '@/api/client';
import { Fault } from '@/parts/Fault';
import { Panel } from '@/parts/Panel';
import { about, useWrite } from '@/parts/write';
import { sentOf, type Draft } from './draft';
import { Fields } from './Fields';
import classes from './Policies.module.css';

// Writes a policy, by fields or as Cedar. Until it is set it counts in the simulator alone.
export function Editor({ team, draft, isNew, taken, onChange, onClose }: {
    team: string;
    draft: Draft;
    isNew: boolean;
    taken: string[];
    onChange: (draft: Draft) => void;
    onClose: () => void;
}) {
    const write = useWrite('/v1/teams/{team}/policies');
    const change = (some: Partial<Draft>) => onChange({ ...draft, ...some });
    const save = async () => {
        const name = draft.name.trim();
        const put = () => api.PUT('/v1/teams/{team}/policies/{policy}', { params: { path: { team, policy: name } }, body: sentOf(draft) });
        if (await write.run(put, `${name} holds from the next request on.`)) {
            onClose();
        }
    };
    const clash = isNew && taken.includes(draft.name.trim());
    return (
        <Panel title={isNew ? 'New policy' : `Change ${draft.name}`}>
            <form
                onSubmit={event => {
                    event.preventDefault();
                    void save();
                }}
            >
                <Stack>
                    {isNew && (
                        <TextInput
                            label="Name"
                            required
                            placeholder="friday"
                            description="1 to 50 of a-z, 0-9 and -"
                            value={draft.name}
                            error={clash ? 'There is a policy of this name: saving would replace it.' : about(write.fault, '/name')}
                            onChange={event => change({ name: event.currentTarget.value })}
                        />
                    )}
                    <TextInput label="Why" placeholder="Nobody wants to work on Saturday" maxLength={200} value={draft.description} onChange={event => change({ description: event.currentTarget.value })} />
                    <SegmentedControl
                        aria-label="Written as"
                        value={draft.form}
                        onChange={form => change({ form: form as Draft['form'] })}
                        data={[
                            { value: 'fields', label: 'Form' },
                            { value: 'cedar', label: 'Cedar' },
                        ]}
                    />
                    {draft.form === 'fields' ? (
                        <Fields draft={draft} change={change} fault={write.fault} />
                    ) : (
                        <Textarea
                            label="Cedar"
                            description="Forbid only, at most 10 statements. Errors name line and column."
                            autosize
                            minRows={8}
                            maxRows={24}
                            spellCheck={false}
                            classNames={{ input: classes.typed }}
                            value={draft.cedar}
                            error={about(write.fault, '/cedar')}
                            onChange={event => change({ cedar: event.currentTarget.value })}
                        />
                    )}
                    {write.fault && <Fault of={write.fault} />}
                    <Group justify="flex-end">
                        <Button variant="default" onClick={onClose}>
                            Cancel
                        </Button>
                        <Button type="submit" loading={write.busy} disabled={clash}>
                            {isNew ? 'Set the policy' : 'Save'}
                        </Button>
                    </Group>
                </Stack>
            </form>
        </Panel>
    );
}
