import { Button, Center } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { DeploymentRow } from './DeploymentRow';
import type { Deployment } from './deeds';
import classes from './deployments.module.css';

const ROW_PX = 68;
const NEAR = 10;

// However many there are, only those that can be seen are on the page; more are asked for as one comes near the end.
export function DeploymentList({ items, more, loading, onMore }: { items: Deployment[]; more: boolean; loading: boolean; onMore: () => void }) {
    const list = useRef<HTMLUListElement>(null);
    const [margin, setMargin] = useState(0);
    useLayoutEffect(() => setMargin(list.current?.offsetTop ?? 0), []);
    const virtual = useWindowVirtualizer({ count: items.length, estimateSize: () => ROW_PX, overscan: 12, scrollMargin: margin, getItemKey: index => items[index]?.id ?? index });
    const rows = virtual.getVirtualItems();
    const last = rows.at(-1)?.index ?? 0;
    useLayoutEffect(() => {
        if (more && !loading && last >= items.length - NEAR && items.length > 0) {
            onMore();
        }
    }, [last, items.length, more, loading, onMore]);
    return (
        <>
            <ul ref={list} className={classes.list} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
                {rows.map(row => (
                    <DeploymentRow key={row.key} of={items[row.index] as Deployment} place={{ index: row.index, top: row.start - margin, measure: virtual.measureElement }} />
                ))}
            </ul>
            {more && (
                <Center p="md">
                    <Button variant="default" loading={loading} onClick={onMore}>
                        More
                    </Button>
                </Center>
            )}
        </>
    );
}
