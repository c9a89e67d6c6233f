import { Button, Group, Stack } from '@mantine/core';
import { $api, type Schema } from '@/api/query';
import { CommandLine } from '@/parts/CommandLine';
import { Copy } from '@/parts/Copy';
import { Notice } from '@/parts/Notice';
import { Sheet } from '@/parts/Sheet';
import classes from './Secret.module.css';

// The one time that a secret is seen. It closes by its button alone: a slip of the mouse would lose it.
export function Secret({ of, onClose }: { of: Schema<'NewKeyView'>; onClose: () => void }) {
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    return (
        <Sheet opened onClose={onClose} title={`${of.name} is made`} closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false} size="lg">
            <Stack>
                <Notice tone="warn" title="Copy it now">
                    Only a hash of it is kept. Nobody can show it again, not even us.
                </Notice>
                <div className={classes.secret} data-autofocus tabIndex={0} aria-label="The token">
                    <Copy text={of.secret} what="the token" />
                </div>
                {meta.data && <CommandLine about="Try it" text={`curl -H "Authorization: Bearer $TOKEN" ${meta.data.api}/v1/me`} />}
                <Group justify="flex-end">
                    <Button onClick={onClose}>I have kept it</Button>
                </Group>
            </Stack>
        </Sheet>
    );
}
