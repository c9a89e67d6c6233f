import { Stack } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Fault } from '@/parts/Fault';
import { Page } from '@/parts/Page';

// A page that could not be shown, in place of that page; everything around it still works. After a new version of
// the console was put into place the old pages' files are gone: then one reload helps.
export function Broken({ error, reset }: ErrorComponentProps) {
    const old = error instanceof Error && /dynamically imported module|Importing a module script/.test(error.message);
    return (
        <Page title="That did not work">
            <Stack>
                <Fault of={old ? new Error('There is a newer version of the console.') : error} again={old ? () => location.reload() : reset} />
            </Stack>
        </Page>
    );
}
