import { Stack } from '@mantine/core';
import { $api } from '@/api/query';
import { CommandLine } from '@/parts/CommandLine';

// What one types to get from a folder to a live site with `deck`.
export function Commands({ team }: { team: string }) {
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    const api = meta.data?.api ?? location.origin;
    return (
        <Stack gap="xs">
            <CommandLine text={`deck login --api ${api}`} about="Sign this machine in." />
            <CommandLine text={`deck init --team ${team}`} about="In the folder of your site: find out how it is built, and make the project." />
            <CommandLine text="deck deploy --prod" about="Send what is new, build it, go live." />
        </Stack>
    );
}
