import { api } from '../api/client';
import type { Schema } from '../api/query';
import { account } from '../api/session';

// This browser's subscription to what is pushed.

export type Wishes = Partial<Pick<Schema<'NewBrowser'>, 'events' | 'teams'>>;
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

interface Wanted extends Wishes {
    account: string;
    endpoint: string;
}

// What this browser was last told to ask for, if that was for whoever is signed in now.
export function wanted(): Wanted | null {
    try {
        const kept = JSON.parse(localStorage.getItem(WANTED) ?? 'null') as Wanted | null;
        return kept?.account && kept.account === account() ? kept : null;
    } catch {
        return null;
    }
}

// Ask for permission, subscribe at the browser's push service, and tell the API.
export async function subscribe(wishes: Wishes): Promise<void> {
    if ((await Notification.requestPermission()) !== 'granted') {
        throw new Error('Notifications were not allowed.');
    }
    const registration = await worker();
    const { data } = await api.GET('/v1/push/key');
    const subscription = await subscribed(registration, data!.key);
    await tell(subscription, wishes);
}

export async function unsubscribe(): Promise<void> {
    localStorage.removeItem(WANTED);
    await (await current())?.unsubscribe();
}

// Somebody signed out: what is on its way to them is not shown to whoever sits here next. That they want it is kept, for
// when they come back.
export async function left(): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration();
    (await registration?.getNotifications?.())?.forEach(shown => shown.close());
    await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}

// What this browser asks for from now on.
export async function tell(subscription: PushSubscription, wishes: Wishes): Promise<void> {
    const { endpoint, keys } = subscription.toJSON();
    const { data } = await api.POST('/v1/me/push', {
        body: { endpoint: endpoint!, keys: { p256dh: keys!.p256dh!, auth: keys!.auth! }, ...wishes } as Schema<'NewBrowser'>,
    });
    const kept: Wanted = { account: account(), endpoint: endpoint!, events: data!.events as Wishes['events'], teams: data!.teams };
    localStorage.setItem(WANTED, JSON.stringify(kept));
}

// A subscription is for one session and may be exchanged by the browser: whoever opens the page says what it is now.
export async function renewed(): Promise<void> {
    const before = wanted();
    if (!before || ability() !== 'ready' || Notification.permission !== 'granted') {
        return;
    }
    const registration = await worker();
    const { data } = await api.GET('/v1/push/key');
    const subscription = await subscribed(registration, data!.key);
    // the API knows the wishes of a subscription that is the same; another one starts with those that were kept here
    await tell(subscription, subscription.endpoint === before.endpoint ? {} : { events: before.events, teams: before.teams });
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
