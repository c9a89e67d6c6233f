import { ActionIcon, CopyButton, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

// A value that goes somewhere else, with a button that takes it there. `what` names it for those who cannot see it; what
// is `whole` is for those who compare or type it, so it goes on in the next line where it is too long for one.
export function Copy({ text, what, shown, whole = false }: { text: string; what: string; shown?: string; whole?: boolean }) {
    return (
        <Group gap={4} wrap="nowrap" miw={0}>
            <span className={whole ? 'mono' : 'mono clip'} style={whole ? { overflowWrap: 'anywhere', minWidth: 0 } : undefined} title={text}>
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
