import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { usePath } from './where';

const SETTLED_MS = 600;

// After going to another page: its name is said once, as a browser says that of a page it loads, and the keyboard goes
// on in the page when what it stood on went away with the page before.
export function Arrived({ main }: { main: string }) {
    const path = usePath();
    const [said, say] = useState('');
    const from = useRef(path);
    useEffect(() => {
        if (from.current === path) {
            return undefined;
        }
        const settled = setTimeout(() => {
            from.current = path;
            say(document.title);
            if (document.activeElement === document.body) {
                document.getElementById(main)?.focus({ preventScroll: true });
            }
        }, SETTLED_MS);
        return () => clearTimeout(settled);
    }, [path, main]);
    return <VisuallyHidden role="status">{said}</VisuallyHidden>;
}
