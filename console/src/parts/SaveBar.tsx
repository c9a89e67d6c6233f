import { Button, Group, Stack } from '@mantine/core';
import { stale } from '@/api/query';
import type { Draft } from './draft';
import { Fault } from './Fault';
import { useWrite } from './write';

// Below a form: says that something was changed, and keeps or drops it.
export function SaveBar({ draft, save, said = 'Saved.', touches, action = 'Save', disabled = false }: {
    draft: Pick<Draft<unknown>, 'dirty' | 'reset'>;
    save: () => Promise<unknown>;
    said?: string;
    touches: string[];
    action?: string;
    disabled?: boolean;
}) {
    const write = useWrite();
    // The draft goes only when what was saved is there, so that the form does not show what was before for a moment.
    const saved = async () => {
        await save();
        await stale(...touches);
    };
    const keep = async () => {
        if (await write.run(saved, said)) {
            draft.reset();
        }
    };
    const drop = () => {
        draft.reset();
        write.clear();
    };
    return (
        <Stack gap="sm" mt="md">
            {write.fault && <Fault of={write.fault} />}
            <Group gap="sm" justify="flex-end">
                <span className="soft" role="status">
                    {draft.dirty ? 'Not saved yet' : ''}
                </span>
                {draft.dirty && (
                    <Button variant="default" onClick={drop}>
                        Discard
                    </Button>
                )}
                <Button onClick={() => void keep()} loading={write.busy} disabled={!draft.dirty || disabled}>
                    {action}
                </Button>
            </Group>
        </Stack>
    );
}
