import { api } from '@/api/client';
import { done } from '@/parts/notices';

const SAID: Record<string, string> = {
    gone: 'The browser is not subscribed any more; turn notifications on there again.',
    refused: 'The push service of that browser refused the message.',
    unreachable: 'The push service of that browser does not answer right now.',
};

// Send a message to one browser and say what became of it; throws a sentence when it did not go out.
export async function tried(browser: string): Promise<void> {
    const { data } = await api.POST('/v1/me/push/test', { body: { browser } });
    const outcome = data?.items[0]?.outcome ?? 'gone';
    if (outcome !== 'taken') {
        throw new Error(SAID[outcome] ?? 'The message did not go out.');
    }
    done('Sent. It arrives in a moment.');
}
