import type { Entry } from './source';

// One list of what was read page by page and what came since, newest first. Undefined when more came than the newest
// page holds: then there is a gap, and the list has to be read anew.
export function merged(read: Entry[], news: Entry[], whole: boolean): Entry[] | undefined {
    const newest = read[0]?.sequence ?? 0;
    const fresh = news.filter(entry => entry.sequence > newest);
    const gap = fresh.length > 0 && fresh.length === news.length && !whole && newest > 0;
    return gap ? undefined : [...fresh, ...read];
}
