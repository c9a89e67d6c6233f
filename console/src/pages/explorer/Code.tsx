import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './Explorer.module.css';

// A text for programs, with a button that takes it.
export function Code({ text, what }: { text: string; what: string }) {
    return (
        <div className={classes.code}>
            <CopyButton value={text}>
                {({ copied, copy }) => (
                    <ActionIcon className={classes.take} variant="default" color={copied ? 'green' : 'gray'} onClick={copy} aria-label={`Copy ${what}`}>
                        {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                    </ActionIcon>
                )}
            </CopyButton>
            <pre tabIndex={0} aria-label={what}>
                {text}
            </pre>
        </div>
    );
}
