import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Door } from '@/pages/doors/Door';

// An address that leads nowhere.
export function Lost() {
    return (
        <Door
            title="There is nothing at this address"
            about="It may have moved, or belong to a team that you are not in."
            mark={<IconMapQuestion size={26} />}
        >
            <Button component="a" href="/home" fullWidth>
                To your projects
            </Button>
        </Door>
    );
}
