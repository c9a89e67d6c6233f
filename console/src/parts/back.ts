import { useLayoutEffect, useState } from 'react';

// Where the keyboard was when each thing that lies over the page opened, the topmost last; the nearest place first.
type Layer = HTMLElement[];
const layers: Layer[] = [];

// An entry of a menu is gone as soon as it was chosen; what opened the menu stays.
function standing(): Layer {
    const on = document.activeElement;
    const menu = on?.closest('[role="menu"]')?.getAttribute('aria-labelledby');
    const found = menu ? document.getElementById(menu) : on;
    return found instanceof HTMLElement && found !== document.body ? [found] : [];
}

// When what lies over the page is closed, the keyboard goes on where it was when it opened. Mantine does so for what is
// opened and closed, and forgets it for what is there only while it is open, as most of ours is. A form that is followed
// by what it made hands its place on.
export function useFocusBack(opened: boolean): void {
    // While it is drawn, for an entry of a menu goes in the moment in which what it opens comes.
    const [{ layer, was }, keep] = useState(() => ({ layer: opened ? standing() : [], was: opened }));
    if (was !== opened) {
        keep({ layer: opened ? standing() : [], was: opened });
    }
    useLayoutEffect(() => {
        if (!opened) {
            return undefined;
        }
        layers.push(layer);
        return () => {
            const at = layers.indexOf(layer);
            layers.splice(at, 1);
            setTimeout(() => {
                const above = layers[at];
                const on = document.activeElement;
                if (above) {
                    above.push(...layer);
                } else if (on === null || on === document.body || on.closest('[role="dialog"]')) {
                    layer.find(place => place.isConnected)?.focus({ preventScroll: true });
                }
            });
        };
    }, [opened, layer]);
}
