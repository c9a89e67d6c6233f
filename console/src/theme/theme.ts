import { createTheme } from '@mantine/core';

// Colours, fonts and corners stand in variables.css, as custom properties: the console's policy lets no page
// write styles of its own, so what Mantine would put into a <style> element must be a file. For the same reason
// nothing here may lock scrolling (it writes a style), nor use responsive props or AppShell, SimpleGrid and Grid.
// For the same reason colours change with `keepTransitions`. Components are named only, so that those that a page does not show are not loaded with it.
export const theme = createTheme({
    primaryColor: 'blue',
    defaultRadius: 'md',
    cursorType: 'pointer',
    respectReducedMotion: true,
    components: {
        // As large as what fields and buttons say.
        Text: { defaultProps: { size: 'sm' } },
        Modal: { defaultProps: { lockScroll: false, centered: true } },
        Drawer: { defaultProps: { lockScroll: false } },
        // What Mantine puts the keyboard on first is no entry, and a menu may hold nothing else.
        Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    },
});
