import { ActionIcon, CopyButton, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

// A value that goes somewhere else, with a button that takes it there. `what` names it for those who cannot see it.
export function Copy({ text, what, shown }: { text: string; what: string; shown?: string }) {
    return (
        <Group gap={4} wrap="nowrap" miw={0}>
            <span className="mono clip" title={text}>
                {shown ?? text}
            </span>
            <CopyButton value={text}>
                {({ copied, copy }) => (
                    <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
                        <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} size="sm" onClick={copy} aria-label={`Copy ${what}`}>
                            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                        </ActionIcon>
                    </Tooltip>
                )}
            </CopyButton>
        </Group>
    );
}
