import { api } from '../api/client';
import type { Schema } from '../api/query';
import { session } from '../api/session';

// This browser's subscription to what is pushed.

export type Wishes = Pick<Schema<'NewBrowser'>, 'events' | 'teams'>;
export type Ability = 'ready' | 'insecure' | 'install' | 'unable' | 'denied';

// Whose notifications this browser wants, so that a page that is opened later can put a lost subscription right.
const WANTED = 'clouddeck.push';

export function ability(): Ability {
    if (!isSecureContext) {
        return 'insecure';
    }
    if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) {
        const apple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1);
        return apple && !matchMedia('(display-mode: standalone)').matches ? 'install' : 'unable';
    }
    return Notification.permission === 'denied' ? 'denied' : 'ready';
}

export async function current(): Promise<PushSubscription | null> {
    const registration = await navigator.serviceWorker?.getRegistration();
    return (await registration?.pushManager?.getSubscription()) ?? null;
}

export const wanted = (): boolean => localStorage.getItem(WANTED) !== null;

// Ask for permission, subscribe at the browser's push service, and tell the API.
export async function subscribe(wishes: Wishes): Promise<void> {
    if ((await Notification.requestPermission()) !== 'granted') {
        throw new Error('Notifications were not allowed.');
    }
    const registration = await worker();
    const { data } = await api.GET('/v1/push/key');
    const subscription = await subscribed(registration, data!.key);
    await tell(subscription, wishes);
    localStorage.setItem(WANTED, '1');
}

export async function unsubscribe(): Promise<void> {
    localStorage.removeItem(WANTED);
    await (await current())?.unsubscribe();
}

// What this browser asks for from now on.
export async function tell(subscription: PushSubscription, wishes: Wishes): Promise<void> {
    const { endpoint, keys } = subscription.toJSON();
    await api.POST('/v1/me/push', {
        body: { endpoint: endpoint!, keys: { p256dh: keys!.p256dh!, auth: keys!.auth! }, ...wishes },
    });
}

// A subscription is for one session and may be exchanged by the browser: whoever opens the page says what it is now.
export async function renewed(): Promise<void> {
    const now = session();
    if (!now || !wanted() || ability() !== 'ready' || Notification.permission !== 'granted') {
        return;
    }
    const registration = await worker();
    const { data } = await api.GET('/v1/push/key');
    await tell(await subscribed(registration, data!.key), {});
}

const PATIENCE_MS = 8000;

async function worker(): Promise<ServiceWorkerRegistration> {
    const late = new Promise<never>((_, refuse) => setTimeout(() => refuse(new Error('The part of this page that gets notifications did not start. Reload the page.')), PATIENCE_MS));
    return Promise.race([navigator.serviceWorker.ready, late]);
}

async function subscribed(registration: ServiceWorkerRegistration, key: string): Promise<PushSubscription> {
    const wish = { userVisibleOnly: true, applicationServerKey: bytes(key) };
    try {
        return await registration.pushManager.subscribe(wish);
    } catch (error) {
        // subscribed with the key of another installation that was at this address before
        const old = error instanceof DOMException && error.name === 'InvalidStateError' ? await registration.pushManager.getSubscription() : null;
        if (!old) {
            throw error;
        }
        await old.unsubscribe();
        return registration.pushManager.subscribe(wish);
    }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), one => one.charCodeAt(0));
}
