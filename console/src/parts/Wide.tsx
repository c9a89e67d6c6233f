import { useEffect, useRef, useState, type ReactNode } from 'react';

// What may be wider than a phone. It scrolls in its own box, and where it does the keyboard can do that too.
export function Wide({ name, children }: { name: string; children: ReactNode }) {
    const box = useRef<HTMLDivElement>(null);
    const [scrolls, setScrolls] = useState(false);
    useEffect(() => {
        const found = box.current;
        if (!found) {
            return undefined;
        }
        const watching = new ResizeObserver(() => setScrolls(found.scrollWidth > found.clientWidth));
        watching.observe(found);
        [...found.children].forEach(child => watching.observe(child));
        return () => watching.disconnect();
    }, []);
    return (
        <div ref={box} className="wide" {...(scrolls && { tabIndex: 0, role: 'region', 'aria-label': name })}>
            {children}
        </div>
    );
}
