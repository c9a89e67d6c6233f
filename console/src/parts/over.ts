// A chunk of its own: most pages are seen without anything lying over them.
export { Drawer, Modal } from '@mantine/core';
