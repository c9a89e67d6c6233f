import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Empty } from '@/parts/Empty';

// An address that leads nowhere.
export function Lost() {
    return (
        <main>
            <Empty icon={<IconMapQuestion />} title="There is nothing at this address" action={<Button component="a" href="/">To the beginning</Button>}>
                It may have moved, or belong to a team that you are not in.
            </Empty>
        </main>
    );
}
