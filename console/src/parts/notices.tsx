import type { NotificationData } from '@mantine/notifications';
import { lazy, Suspense, useSyncExternalStore } from 'react';
import { problem } from '@/api/problem';

const corner = () => import('./Corner');
const Corner = lazy(() => corner().then(({ Corner: it }) => ({ default: it })));

// What is to be seen: nothing yet, the corner, or a sentence that has to do without it.
let shown: 'nothing' | 'corner' | { plain: string } = 'nothing';
const watchers = new Set<() => void>();

function onShown(told: () => void): () => void {
    watchers.add(told);
    return () => watchers.delete(told);
}

function show(what: typeof shown): void {
    shown = what;
    watchers.forEach(told => told());
}

// The corner in which notices appear. Most visits have none, so what shows them is loaded with the first. Without a network
// it may not come: then the sentence alone is there, because that is when something is most likely to be said.
export function Notices() {
    const what = useSyncExternalStore(onShown, () => shown);
    if (what === 'corner') {
        return (
            <Suspense>
                <Corner />
            </Suspense>
        );
    }
    return what === 'nothing' ? null : <div role="alert" style={PLAIN}>{what.plain}</div>;
}

const PLAIN = {
    position: 'fixed', right: 16, bottom: 16, zIndex: 400, maxWidth: 'min(27rem, calc(100vw - 32px))', padding: '0.75rem 1rem',
    border: '1px solid var(--deck-line)', borderRadius: 'var(--mantine-radius-md)', background: 'var(--deck-surface)', color: 'var(--mantine-color-text)',
} as const;

const PLAIN_MS = 10_000;

async function say(notice: NotificationData): Promise<void> {
    try {
        const [{ notifications }] = await Promise.all([import('@mantine/notifications'), corner()]);
        show('corner');
        notifications.show(notice);
    } catch {
        const plain = { plain: [notice.title, notice.message].filter(Boolean).join(' ') };
        show(plain);
        setTimeout(() => shown === plain && show('nothing'), PLAIN_MS);
    }
}

// A sentence in the corner: what was done, or why it was not.
export function done(message: string): void {
    void say({ message, color: 'green' });
}

export function failed(thrown: unknown): void {
    const { message, hint } = problem(thrown);
    void say({ title: message, message: hint, color: 'red', autoClose: 10_000 });
}
