import { Drawer, Modal, type DrawerProps, type ModalProps } from '@mantine/core';
import { useFocusBack } from './back';

const CLOSE = { 'aria-label': 'Close' };

// What lies over the page and holds the keyboard until it is closed: in its middle, or at its side.
export function Sheet(props: ModalProps) {
    useFocusBack(props.opened);
    return <Modal returnFocus={false} closeButtonProps={CLOSE} {...props} />;
}

export function SideSheet(props: DrawerProps) {
    useFocusBack(props.opened);
    return <Drawer returnFocus={false} closeButtonProps={CLOSE} {...props} />;
}
