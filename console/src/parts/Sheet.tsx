import type { DrawerProps, ModalProps } from '@mantine/core';
import { lazy, Suspense, useState, type ComponentType } from 'react';
import { useFocusBack } from './back';

const CLOSE = { 'aria-label': 'Close' };

const Middle = lazy(async () => ({ default: (await import('./over')).Modal as ComponentType<ModalProps> }));
const Side = lazy(async () => ({ default: (await import('./over')).Drawer as ComponentType<DrawerProps> }));

// What lies over the page is loaded when something does for the first time, and stays for its way out.
function useWanted(opened: boolean): boolean {
    const [wanted, setWanted] = useState(opened);
    if (opened && !wanted) {
        setWanted(true);
    }
    return opened || wanted;
}

// What lies over the page and holds the keyboard until it is closed: in its middle, or at its side.
export function Sheet(props: ModalProps) {
    useFocusBack(props.opened);
    const wanted = useWanted(props.opened);
    return <Suspense>{wanted && <Middle returnFocus={false} closeButtonProps={CLOSE} {...props} />}</Suspense>;
}

export function SideSheet(props: DrawerProps) {
    useFocusBack(props.opened);
    const wanted = useWanted(props.opened);
    return <Suspense>{wanted && <Side returnFocus={false} closeButtonProps={CLOSE} {...props} />}</Suspense>;
}
