import { Button, Group, Stack, Text } from '@mantine/core';
import { IconFolderOpen, IconFolderUp } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Fault } from '@/parts/Fault';
import { Notice } from '@/parts/Notice';
import { bytes, count } from '@/parts/units';
import { chosen, dropped, type Folder } from './folder';
import classes from './New.module.css';

// A place to drop a folder at, or to choose one with a dialog.
export function Drop({ folder, choose }: { folder: Folder | undefined; choose: (folder: Folder) => void }) {
    const input = useRef<HTMLInputElement>(null);
    const [over, setOver] = useState(false);
    const [reading, setReading] = useState(false);
    const [fault, setFault] = useState<unknown>();
    const take = async (reads: Promise<Folder> | Folder) => {
        setReading(true);
        setFault(undefined);
        try {
            choose(await reads);
        } catch (error) {
            setFault(error);
        } finally {
            setReading(false);
        }
    };
    return (
        <Stack gap="sm">
            <div
                className={`${classes.drop} ${over ? classes.over : ''}`}
                onDragOver={event => {
                    event.preventDefault();
                    setOver(true);
                }}
                onDragLeave={() => setOver(false)}
                onDrop={event => {
                    event.preventDefault();
                    setOver(false);
                    void take(dropped(event.dataTransfer));
                }}
            >
                {folder ? <IconFolderOpen size={34} stroke={1.4} /> : <IconFolderUp size={34} stroke={1.4} />}
                <div aria-live="polite">
                    {folder ? (
                        <>
                            <strong>{folder.name || 'What you dropped'}</strong>
                            <div className="soft">
                                {count(folder.files.length)} {folder.files.length === 1 ? 'file' : 'files'}, {bytes(folder.files.reduce((sum, one) => sum + one.file.size, 0))}
                            </div>
                        </>
                    ) : (
                        <>
                            <strong>Drop the folder of your site here</strong>
                            <div className="soft">Its source, or a finished site with an index.html</div>
                        </>
                    )}
                </div>
                <Button variant="default" loading={reading} onClick={() => input.current?.click()}>
                    {folder ? 'Choose another folder' : 'Choose a folder'}
                </Button>
                <input
                    ref={input}
                    type="file"
                    hidden
                    aria-label="Folder of the site"
                    {...({ webkitdirectory: '' } as object)}
                    multiple
                    onChange={event => {
                        const files = [...(event.currentTarget.files ?? [])];
                        event.currentTarget.value = '';
                        if (files.length) {
                            void take(chosen(files));
                        }
                    }}
                />
            </div>
            {fault !== undefined && <Fault of={fault} />}
            {folder && folder.files.length === 0 && <Notice tone="warn" title="There is no file in it that belongs to a site." />}
            {folder && folder.left.length > 0 && (
                <Group gap={6}>
                    <Text size="sm" className="soft">
                        Stays here:
                    </Text>
                    {folder.left.slice(0, 6).map(path => (
                        <code key={path} className="mono soft">
                            {path}
                        </code>
                    ))}
                    {folder.left.length > 6 && <span className="soft">and {count(folder.left.length - 6)} more</span>}
                </Group>
            )}
        </Stack>
    );
}
