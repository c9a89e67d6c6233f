// From what was pushed to what is shown. The message comes from our API, and is looked at all the same: a notification
// leads to pages of this console, and elsewhere only by HTTP.
export interface Shown {
    title: string;
    options: { body: string; tag: string; icon: string; badge: string; timestamp: number; data: Target; actions: { action: string; title: string }[] };
}

export interface Target {
    path: string;
    site: string;
}

const ICON = '/icon-192.png';
const BADGE = '/badge-96.png';

export function shown(text: string | undefined, now = Date.now()): Shown {
    const said = read(text);
    const data = { path: path(said.path), site: site(said.site) };
    const at = Date.parse(word(said.at));
    const actions = [{ action: 'open', title: 'Show details' }];
    const title = word(said.title);
    return {
        title: title || 'CloudDeck',
        options: {
            body: word(said.body) || (title ? '' : 'Something happened. Open CloudDeck to see what.'),
            tag: word(said.tag) || 'clouddeck',
            icon: ICON,
            badge: BADGE,
            timestamp: Number.isNaN(at) ? now : at,
            data,
            actions: data.site ? [...actions, { action: 'site', title: 'Visit the site' }] : actions,
        },
    };
}

// Where a click leads: a page of the console, or an address elsewhere.
export function goal(action: string, target: Partial<Target> | undefined): { path: string } | { address: string } {
    const there = site(target?.site);
    return action === 'site' && there ? { address: there } : { path: path(target?.path) };
}

// Whether a tab that is open can go to a page by itself: the first page and the documentation are no part of the app.
export function goes(url: string): boolean {
    const { pathname } = new URL(url);
    return pathname !== '/' && !pathname.startsWith('/docs/');
}

function read(text: string | undefined): Record<string, unknown> {
    try {
        const said: unknown = JSON.parse(text ?? '');
        return said !== null && typeof said === 'object' ? (said as Record<string, unknown>) : {};
    } catch {
        return {};
    }
}

function word(value: unknown): string {
    return typeof value === 'string' ? value.slice(0, 500) : '';
}

function path(value: unknown): string {
    const text = word(value);
    return /^\/(?![/\\])[^\s\\]*$/.test(text) ? text : '/';
}

function site(value: unknown): string {
    const text = word(value);
    return /^https?:\/\//.test(text) && URL.canParse(text) ? text : '';
}
