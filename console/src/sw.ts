import { FILES, how, named } from './worker/keeping';
import { goal, goes, shown, type Target } from './worker/notice';

// The service worker: the page starts without a network, and what is pushed is shown. It holds nothing that a new
// version of the page could disagree with, so a new worker takes over at once and no open page notices.

const worker = self as unknown as ServiceWorkerGlobalScope;
const KEPT = 'clouddeck-1';
const PAGE = '/index.html';
const MOST = 300;

worker.addEventListener('install', event => {
    event.waitUntil(Promise.all([refreshed(), keep(FILES)]).then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', event => {
    event.waitUntil(forget().then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', event => {
    const { request } = event;
    const kind = how(request.method, request.mode, new URL(request.url), worker.location.origin);
    if (kind === 'page') {
        event.respondWith(stale(PAGE, event));
    } else if (kind === 'file') {
        event.respondWith(stale(new URL(request.url).pathname, event));
    } else if (kind === 'asset') {
        event.respondWith(once(request));
    }
});

// What is kept at once, and what is there now for the next time.
async function stale(path: string, event: FetchEvent): Promise<Response> {
    const cache = await caches.open(KEPT);
    const kept = await cache.match(path);
    const fresh = path === PAGE ? refreshed() : keep([path]);
    if (kept) {
        event.waitUntil(fresh.catch(() => undefined));
        return kept;
    }
    await fresh;
    return (await cache.match(path)) ?? fetch(path);
}

// A file under /assets/ never changes: its name says what is in it.
async function once(request: Request): Promise<Response> {
    const cache = await caches.open(KEPT);
    const kept = await cache.match(request);
    if (kept) {
        return kept;
    }
    const answer = await fetch(request);
    if (answer.ok) {
        await cache.put(request, answer.clone());
    }
    return answer;
}

// The page as it is now. Its scripts come first, so that what is kept can always start.
async function refreshed(): Promise<void> {
    const cache = await caches.open(KEPT);
    const answer = await fetch(PAGE, { cache: 'no-cache' });
    if (!answer.ok) {
        return;
    }
    const html = await answer.clone().text();
    const missing = await Promise.all(named(html).map(async path => ((await cache.match(path)) ? '' : path)));
    await cache.addAll(missing.filter(Boolean));
    await cache.put(PAGE, answer.redirected ? new Response(html, { headers: answer.headers }) : answer);
}

async function keep(paths: string[]): Promise<void> {
    const cache = await caches.open(KEPT);
    await Promise.all(
        paths.map(async path => {
            const answer = await fetch(path, { cache: 'no-cache' });
            if (answer.ok) {
                await cache.put(path, answer);
            }
        }),
    );
}

// Caches of another making, and the oldest parts of pages when there are too many.
async function forget(): Promise<void> {
    const names = await caches.keys();
    await Promise.all(names.filter(name => name !== KEPT).map(name => caches.delete(name)));
    const cache = await caches.open(KEPT);
    const parts = (await cache.keys()).filter(one => new URL(one.url).pathname.startsWith('/assets/'));
    await Promise.all(parts.slice(0, Math.max(0, parts.length - MOST)).map(one => cache.delete(one)));
}

worker.addEventListener('push', event => {
    const { title, options } = shown(event.data?.text());
    event.waitUntil(worker.registration.showNotification(title, options as NotificationOptions));
});

worker.addEventListener('notificationclick', event => {
    event.notification.close();
    const to = goal(event.action, event.notification.data as Target | undefined);
    event.waitUntil('address' in to ? worker.clients.openWindow(to.address) : show(to.path));
});

// In a tab that is open already, or a new one. The tab goes there by itself, without loading anew.
async function show(path: string): Promise<void> {
    const open = (await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })).filter(one => goes(one.url));
    const tab = open.find(one => one.focused) ?? open.find(one => one.visibilityState === 'visible') ?? open[0];
    if (!tab) {
        await worker.clients.openWindow(path);
        return;
    }
    tab.postMessage({ type: 'go', path });
    await tab.focus();
}
