// What GitHub sent the browser back with. The address that the page was opened at is read, not what the router made of
// it: a code that looks like a number is not one.

interface Visitor {
    state: string;
    code: string;
    installation: string;
}

let taken = false;

export function read(address: string): Visitor | undefined {
    const query = new URL(address).searchParams;
    const [state, code, installation] = ['state', 'code', 'installation'].map(name => query.get(name) ?? '');
    return state && code && installation ? { state, code, installation } : undefined;
}

// Once only: a code is good for one use, and the page may be shown again.
export function brought(): Visitor | undefined {
    const [opened] = performance.getEntriesByType('navigation');
    if (taken || !opened || new URL(opened.name).pathname !== location.pathname) {
        return undefined;
    }
    taken = true;
    return read(opened.name);
}
