// The files of a folder that was dropped or chosen, without what is never part of a site. The rules are those of `deck deploy`.

export interface Found {
    path: string;
    file: File;
}

export interface Folder {
    name: string;
    files: Found[];
    left: string[];
}

// What tools can make again, what belongs to one machine, what git keeps.
const NEVER = new Set([
    '.git', '.hg', '.svn', '.clouddeck', '.DS_Store', 'Thumbs.db', 'node_modules', 'bower_components', '.venv', '__pycache__', '.tox', '.cache', '.parcel-cache',
    '.turbo', '.sass-cache', '.vercel', '.netlify', '.mypy_cache', '.pytest_cache', '.ruff_cache', '.deck.json',
]);
// What builds leave behind: no part of a source, but of a folder that is published as it is.
const OUTPUT = new Set(['dist', '_site', '.next', '.nuxt', '.output', '.svelte-kit', '.astro', '.angular']);

// Secrets stay where they are: variables are set in the project.
const secret = (name: string): boolean => name.startsWith('.env');

const leaves = (name: string): boolean => NEVER.has(name) || secret(name);

export const isOutput = (path: string): boolean => path.split('/').some(part => OUTPUT.has(part));

// From a folder that was chosen: the browser lists all of it, with the folder's own name in front.
export function chosen(files: File[]): Folder {
    const left = new Set<string>();
    const found: Found[] = [];
    for (const file of files) {
        const [, ...parts] = (file.webkitRelativePath || `/${file.name}`).split('/');
        const out = parts.findIndex(leaves);
        if (out >= 0) {
            left.add(parts.slice(0, out + 1).join('/'));
        } else {
            found.push({ path: parts.join('/'), file });
        }
    }
    return { name: files[0]?.webkitRelativePath.split('/')[0] ?? '', files: sorted(found), left: [...left].sort() };
}

// From what was dropped: one folder, whose content is the site, or several things, which are its top. Folders that are
// left out are not looked into.
export async function dropped(transfer: DataTransfer): Promise<Folder> {
    const entries = [...transfer.items].map(item => item.webkitGetAsEntry()).filter(entry => entry !== null);
    const [only] = entries;
    const one = entries.length === 1 && only?.isDirectory ? (only as FileSystemDirectoryEntry) : undefined;
    const folder: Folder = { name: one?.name ?? '', files: [], left: [] };
    const top = one ? await children(one) : entries;
    await Promise.all(top.map(entry => walk(entry, '', folder)));
    return { ...folder, files: sorted(folder.files), left: folder.left.sort() };
}

async function walk(entry: FileSystemEntry, above: string, into: Folder): Promise<void> {
    const path = above + entry.name;
    if (leaves(entry.name)) {
        into.left.push(path);
    } else if (entry.isDirectory) {
        const inside = await children(entry as FileSystemDirectoryEntry);
        await Promise.all(inside.map(one => walk(one, `${path}/`, into)));
    } else {
        const file = await new Promise<File>((done, refused) => (entry as FileSystemFileEntry).file(done, refused));
        into.files.push({ path, file });
    }
}

// A reader hands out a hundred at a time, and nothing when there are no more.
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
    const reader = folder.createReader();
    const all: FileSystemEntry[] = [];
    for (;;) {
        const some = await new Promise<FileSystemEntry[]>((done, refused) => reader.readEntries(done, refused));
        if (some.length === 0) {
            return all;
        }
        all.push(...some);
    }
}

// By code points, as the API reads a list of files; JavaScript's own order is by halves of them.
function sorted(files: Found[]): Found[] {
    const key = new TextEncoder();
    const keyed = files.map(found => ({ found, bytes: key.encode(found.path) }));
    keyed.sort((a, b) => order(a.bytes, b.bytes));
    return keyed.map(one => one.found);
}

function order(a: Uint8Array, b: Uint8Array): number {
    for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
        const by = (a[at] as number) - (b[at] as number);
        if (by) {
            return by;
        }
    }
    return a.length - b.length;
}
