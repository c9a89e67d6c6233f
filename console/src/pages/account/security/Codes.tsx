import { Button, Group, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { CopyButton } from '@mantine/core';
import { Notice } from '@/parts/Notice';
import { Sheet } from '@/parts/Sheet';
import classes from './Codes.module.css';

// The one time that recovery codes are seen.
export function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
    const text = codes.join('\n');
    const keep = () => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
        link.download = 'clouddeck-recovery-codes.txt';
        link.click();
        URL.revokeObjectURL(link.href);
    };
    return (
        <Sheet opened onClose={onClose} title="Recovery codes" closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
            <Stack>
                <Notice tone="warn" title="Shown this once">
                    Keep these where you find them without this device. Each works once.
                </Notice>
                <ol className={classes.codes}>
                    {codes.map(code => (
                        <li key={code}>{code}</li>
                    ))}
                </ol>
                <Group justify="space-between">
                    <Group gap="sm">
                        <CopyButton value={text}>
                            {({ copied, copy }) => (
                                <Button variant="default" onClick={copy}>
                                    {copied ? 'Copied' : 'Copy'}
                                </Button>
                            )}
                        </CopyButton>
                        <Button variant="default" leftSection={<IconDownload size={16} />} onClick={keep}>
                            Download
                        </Button>
                    </Group>
                    <Button onClick={onClose}>I have kept them</Button>
                </Group>
            </Stack>
        </Sheet>
    );
}
