import type { NotificationData } from '@mantine/notifications';
import { lazy, Suspense, useSyncExternalStore } from 'react';
import { problem } from '@/api/problem';

const Corner = lazy(() => import('./Corner').then(({ Corner: it }) => ({ default: it })));

let spoken = false;
const watchers = new Set<() => void>();

function onSpoken(told: () => void): () => void {
    watchers.add(told);
    return () => watchers.delete(told);
}

// The corner in which notices appear. Most visits have none, so what shows them is loaded with the first.
export function Notices() {
    const shows = useSyncExternalStore(onSpoken, () => spoken);
    return shows ? (
        <Suspense>
            <Corner />
        </Suspense>
    ) : null;
}

async function say(notice: NotificationData): Promise<void> {
    spoken = true;
    watchers.forEach(told => told());
    const { notifications } = await import('@mantine/notifications');
    notifications.show(notice);
}

// A sentence in the corner: what was done, or why it was not.
export function done(message: string): void {
    void say({ message, color: 'green' });
}

export function failed(thrown: unknown): void {
    const { message, hint } = problem(thrown);
    void say({ title: message, message: hint, color: 'red', autoClose: 10_000 });
}
