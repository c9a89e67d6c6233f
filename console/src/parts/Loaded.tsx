import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Fault } from './Fault';
import classes from './Loaded.module.css';

interface Query<Data> {
    data: Data | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
}

// The three states of whatever is asked for: not yet (as many rows as are expected, `tall` as they will be), not at all, there. What was there stays while it is asked anew.
export function Loaded<Data>({ query, rows = 4, tall = 42, tiled = false, children }: { query: Query<Data>; rows?: number; tall?: number; tiled?: boolean; children: (data: Data) => ReactNode }) {
    if (query.data !== undefined) {
        return <>{children(query.data)}</>;
    }
    if (query.error) {
        return <Fault of={query.error} again={() => void query.refetch()} />;
    }
    return (
        <div className={tiled ? 'tiles' : classes.rows} role="status" aria-busy="true" aria-label="Loading">
            {Array.from({ length: rows }, (_, row) => (
                <Skeleton key={row} height={tall} radius="md" />
            ))}
        </div>
    );
}
