import { ActionIcon, CopyButton, NativeSelect, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconCheck, IconChevronsDown, IconCopy, IconDownload, IconSearch, IconTextWrap } from '@tabler/icons-react';
import type { ReactNode, Ref } from 'react';
import { count } from '@/parts/units';
import classes from './Log.module.css';

export const LEVELS = {
    all: { label: 'Everything', levels: undefined },
    warn: { label: 'Warnings and errors', levels: ['warn', 'error'] },
    error: { label: 'Errors', levels: ['error'] },
    command: { label: 'Commands', levels: ['command'] },
} as const;

export type Level = keyof typeof LEVELS;

function Tool({ label, icon, onClick, pressed, disabled }: { label: string; icon: ReactNode; onClick: () => void; pressed?: boolean; disabled?: boolean }) {
    return (
        <Tooltip label={label}>
            <ActionIcon variant={pressed ? 'light' : 'subtle'} color={pressed ? undefined : 'gray'} aria-label={label} aria-pressed={pressed} onClick={onClick} disabled={disabled}>
                {icon}
            </ActionIcon>
        </Tooltip>
    );
}

// What can be done with a log: search it, show a part of it, take it along.
export function LogBar({ input, wanted, onWanted, found, at, onStep, level, onLevel, wrap, onWrap, text, what, onDownload, many, live, onEnd }: {
    input: Ref<HTMLInputElement>;
    wanted: string;
    onWanted: (wanted: string) => void;
    found: number;
    at: number;
    onStep: (by: 1 | -1) => void;
    level: Level;
    onLevel: (level: Level) => void;
    wrap: boolean;
    onWrap: () => void;
    text: () => string;
    what: string;
    onDownload: () => void;
    many: number;
    live: boolean;
    onEnd: () => void;
}) {
    return (
        <div className={classes.bar}>
            <span className={classes.much}>
                {live && <span className={classes.live}>Live</span>}
                {many > 0 && `${count(many)} ${many === 1 ? 'line' : 'lines'}`}
            </span>
            <TextInput
                ref={input}
                className={classes.search}
                size="xs"
                type="search"
                aria-label="Search the log"
                placeholder="Search the log"
                leftSection={<IconSearch size={14} />}
                rightSectionWidth={70}
                rightSection={wanted && <span className="soft numbers" role="status">{found ? `${count(at + 1)}/${count(found)}` : 'none'}</span>}
                value={wanted}
                onChange={event => onWanted(event.currentTarget.value)}
                onKeyDown={event => {
                    if (event.key === 'Enter') {
                        onStep(event.shiftKey ? -1 : 1);
                    } else if (event.key === 'Escape') {
                        onWanted('');
                    }
                }}
            />
            {wanted && (
                <>
                    <Tool label="Previous match" icon={<IconArrowUp size={16} />} onClick={() => onStep(-1)} disabled={!found} />
                    <Tool label="Next match" icon={<IconArrowDown size={16} />} onClick={() => onStep(1)} disabled={!found} />
                </>
            )}
            <NativeSelect
                size="xs"
                aria-label="Which lines"
                value={level}
                onChange={event => onLevel(event.currentTarget.value as Level)}
                data={Object.entries(LEVELS).map(([value, { label }]) => ({ value, label }))}
            />
            <Tool label="Wrap long lines" icon={<IconTextWrap size={16} />} onClick={onWrap} pressed={wrap} />
            <Lazily text={text} what={what} />
            <Tool label="To the end" icon={<IconChevronsDown size={16} />} onClick={onEnd} disabled={many === 0} />
            <Tool label="Download the log" icon={<IconDownload size={16} />} onClick={onDownload} />
        </div>
    );
}

// The text is put together when it is asked for, not with every line that comes.
function Lazily({ text, what }: { text: () => string; what: string }) {
    return (
        <CopyButton value="">
            {({ copied, copy }) => (
                <Tool
                    label={copied ? 'Copied' : `Copy ${what}`}
                    icon={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                    onClick={() => {
                        copy();
                        void navigator.clipboard?.writeText(text());
                    }}
                />
            )}
        </CopyButton>
    );
}
