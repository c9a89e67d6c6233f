import { Button, Stack } from '@mantine/core';
import { IconBrandBitbucket, IconBrandGithub, IconBrandGitlab, IconBrandGoogle, IconBrandWindows, IconUserCircle, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import { Fault } from '@/parts/Fault';
import { useOffer } from './offer';
import { withProvider } from './pkce';

const MARKS: Record<string, Icon> = { github: IconBrandGithub, google: IconBrandGoogle, gitlab: IconBrandGitlab, bitbucket: IconBrandBitbucket, microsoft: IconBrandWindows };

// The identity providers that are set up here, each a button that leads there.
export function Providers({ to, invitation }: { to: string; invitation?: string }) {
    const items = useOffer().data?.items ?? [];
    const [leaving, setLeaving] = useState('');
    const [fault, setFault] = useState<unknown>();
    if (items.length === 0) {
        return null;
    }
    const leave = async (provider: string) => {
        setLeaving(provider);
        setFault(undefined);
        try {
            await withProvider(provider, to, invitation);
        } catch (error) {
            setFault(error);
            setLeaving('');
        }
    };
    return (
        <Stack gap="xs">
            {items.map(({ id, name }) => {
                const Mark = MARKS[id] ?? IconUserCircle;
                return (
                    <Button key={id} variant="default" fullWidth leftSection={<Mark size={18} />} loading={leaving === id} disabled={leaving !== '' && leaving !== id} onClick={() => void leave(id)}>
                        With {name}
                    </Button>
                );
            })}
            {fault !== undefined && <Fault of={fault} />}
        </Stack>
    );
}
