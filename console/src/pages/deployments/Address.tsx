import { ActionIcon, CopyButton, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

// An address that opens, and can be taken along.
export function Address({ url }: { url: string }) {
    return (
        <Group gap={2} wrap="nowrap" miw={0}>
            <a href={url} target="_blank" rel="noreferrer" className="clip" title={url}>
                {url.replace(/^https?:\/\//, '')}
            </a>
            <CopyButton value={url}>
                {({ copied, copy }) => (
                    <Tooltip label={copied ? 'Copied' : 'Copy address'}>
                        <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} size="sm" onClick={copy} aria-label={`Copy ${url}`}>
                            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                        </ActionIcon>
                    </Tooltip>
                )}
            </CopyButton>
        </Group>
    );
}
