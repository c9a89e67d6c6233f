import type { Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';

const PAGE = 20;

// Each line's number is a link to it. One of them at a time is a stop of the keyboard, the first that can be seen or
// the one that was reached before; arrows go from there to the others, of which only those in sight are elements.
export function useReach(box: RefObject<HTMLDivElement | null>, virtual: Virtualizer<HTMLDivElement, Element>, count: number) {
    const [reached, reach] = useState(0);
    const going = useRef(false);
    useEffect(() => {
        const link = going.current && box.current?.querySelector<HTMLElement>(`[data-index="${reached}"] a`);
        if (link) {
            going.current = false;
            link.focus({ preventScroll: true });
        }
        // After every drawing: the line comes when the box was scrolled to it.
    });
    const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
    const stop = reached >= startIndex && reached <= endIndex ? reached : startIndex;
    const onKeyDown = (event: KeyboardEvent) => {
        const to = { ArrowDown: stop + 1, ArrowUp: stop - 1, PageDown: stop + PAGE, PageUp: stop - PAGE, Home: 0, End: count - 1 }[event.key];
        if (to !== undefined && event.target instanceof HTMLElement && event.target.closest('[data-index] > * > a:first-child')) {
            event.preventDefault();
            const next = Math.min(Math.max(to, 0), count - 1);
            going.current = true;
            reach(next);
            virtual.scrollToIndex(next, { align: 'auto' });
        }
    };
    return { stop, onKeyDown };
}
