import { Kbd, UnstyledButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import classes from './Search.module.css';

const Palette = lazy(() => import('./Palette').then(({ Palette }) => ({ default: Palette })));

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

// The way to everywhere: a button in the header, and Ctrl K from anywhere. What it opens comes when it is asked for.
export function Search() {
    const [opened, setOpened] = useState(false);
    useHotkeys([['mod+K', () => setOpened(now => !now)]], [], true);
    return (
        <>
            <UnstyledButton className={classes.button} onClick={() => setOpened(true)} aria-keyshortcuts={MAC ? 'Meta+K' : 'Control+K'} aria-haspopup="dialog">
                <IconSearch size={16} />
                <span className={classes.words}>Search</span>
                <Kbd size="xs" className={classes.keys} aria-hidden="true">
                    {MAC ? '⌘ K' : 'Ctrl K'}
                </Kbd>
            </UnstyledButton>
            {opened && (
                <Suspense>
                    <Palette close={() => setOpened(false)} />
                </Suspense>
            )}
        </>
    );
}
