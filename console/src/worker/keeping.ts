// Which answers the service worker keeps, and which it never touches.
export type How = 'page' | 'asset' | 'file' | 'leave';

// Small files of fixed names, kept and asked anew: what the page needs before its script runs.
export const FILES = ['/scheme.js', '/icon.svg', '/icon-192.png', '/manifest.webmanifest'];

// Other programs live at these addresses of the same host.
const ELSEWHERE = /^\/(v1|git|live|docs|_clouddeck|@connections)(\/|$)/;

export function how(method: string, mode: string, address: URL, origin: string): How {
    if (method !== 'GET' || address.origin !== origin || ELSEWHERE.test(address.pathname)) {
        return 'leave';
    }
    if (address.pathname.startsWith('/assets/')) {
        return 'asset';
    }
    if (FILES.includes(address.pathname)) {
        return 'file';
    }
    if (address.pathname === '/') {
        return 'leave'; // the first page is one of its own, for people who are not in yet
    }
    const last = address.pathname.split('/').at(-1) ?? '';
    // an address with a file's name is a file, also when somebody navigates there
    return mode === 'navigate' && !last.includes('.') ? 'page' : 'leave';
}

// The scripts and styles that a page names, so that it starts without a network.
export function named(html: string): string[] {
    const found = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(match => match[1]!);
    return [...new Set(found)];
}
