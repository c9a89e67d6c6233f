import { notifications } from '@mantine/notifications';
import { problem } from '@/api/problem';

// A sentence in the corner: what was done, or why it was not.
export function done(message: string): void {
    notifications.show({ message, color: 'green' });
}

export function failed(thrown: unknown): void {
    const { message, hint } = problem(thrown);
    notifications.show({ title: message, message: hint, color: 'red', autoClose: 10_000 });
}
