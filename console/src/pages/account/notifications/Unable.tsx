import { Notice } from '@/parts/Notice';
import type { Ability } from '@/push/subscription';

const WHY: Record<Exclude<Ability, 'ready'>, [string, string]> = {
    insecure: ['Notifications need HTTPS.', 'Open the console by an address that begins with https://, or as localhost.'],
    install: ['Add CloudDeck to the home screen first.', 'On iPhone and iPad only installed apps get notifications: Share, then Add to Home Screen, and open it from there.'],
    unable: ['This browser cannot get notifications.', 'It has no web push, or it is switched off, as in private windows. Current versions of Chrome, Edge, Firefox and Safari have it.'],
    denied: ['Notifications of this page are blocked.', 'Allow them in the settings of this page, beside its address, and come back.'],
};

// Why this browser gets none, and what helps.
export function Unable({ why }: { why: Exclude<Ability, 'ready'> }) {
    const [title, help] = WHY[why];
    return (
        <Notice tone="idle" title={title}>
            {help}
        </Notice>
    );
}
