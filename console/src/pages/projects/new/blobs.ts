// What an upload consists of: content with its digest, and the list that says where it stands.

const MODE = 0o644;

const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('');

export async function digest(content: Blob): Promise<string> {
    return hex(await crypto.subtle.digest('SHA-256', await content.arrayBuffer()));
}

// Work on all of them, a few at once, in the order given; the first fault ends it.
export async function each<Item>(items: Item[], most: number, work: (item: Item) => Promise<void>): Promise<void> {
    let next = 0;
    let failed = false;
    const worker = async () => {
        while (next < items.length && !failed) {
            const item = items[next] as Item;
            next += 1;
            try {
                await work(item);
            } catch (error) {
                failed = true;
                throw error;
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
}

export function fileList(files: { path: string; sha256: string; size: number }[]): string {
    return JSON.stringify({ version: 1, files: files.map(({ path, sha256, size }) => ({ path, sha256, size, mode: MODE })) });
}
