import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core';

const KEPT = 'clouddeck.scheme';

// The choice between dark, light and what the system has; public/scheme.js reads the same before the first paint.
export const scheme: MantineColorSchemeManager = {
    get: fallback => (localStorage.getItem(KEPT) as MantineColorScheme | null) ?? fallback,
    set: value => localStorage.setItem(KEPT, value),
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    clear: () => localStorage.removeItem(KEPT),
};
