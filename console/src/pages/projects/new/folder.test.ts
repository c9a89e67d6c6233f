import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chosen, dropped, isOutput } from './folder';

function file(path: string): File {
    const made = new File(['x'], path.split('/').at(-1) ?? '');
    Object.defineProperty(made, 'webkitRelativePath', { value: path });
    return made;
}

// What a browser hands over for a dropped folder: names of files, and folders as objects; a hundred entries at a time.
type Tree = { [name: string]: Tree | string };

function entry(name: string, inside: Tree | string): unknown {
    if (typeof inside === 'string') {
        return { name, isDirectory: false, file: (done: (file: File) => void) => done(new File([inside], name)) };
    }
    return {
        name,
        isDirectory: true,
        createReader: () => {
            const all = Object.entries(inside).map(([below, what]) => entry(below, what));
            return { readEntries: (done: (some: unknown[]) => void) => done(all.splice(0, 100)) };
        },
    };
}

const drop = (tree: Tree) => dropped({ items: Object.entries(tree).map(([name, what]) => ({ webkitGetAsEntry: () => entry(name, what) })) } as unknown as DataTransfer);

describe('a folder that was chosen', () => {
    it('loses its own name, and what is no part of a site', () => {
        const found = chosen(['web/index.html', 'web/node_modules/a/b.js', 'web/.git/HEAD', 'web/src/.env.local', 'web/css/a.css'].map(file));
        expect(found.name).toBe('web');
        expect(found.files.map(one => one.path)).toEqual(['css/a.css', 'index.html']);
        expect(found.left).toEqual(['.git', 'node_modules', 'src/.env.local']);
    });

    it('is in the order of bytes', () => {
        const found = chosen(['w/b', 'w/\u{1F600}', 'w/\uFF5E', 'w/B', 'w/a/z'].map(file));
        expect(found.files.map(one => one.path)).toEqual(['B', 'a/z', 'b', '\uFF5E', '\u{1F600}']);
    });

    it('leaves out what deck leaves out', () => {
        const source = readFileSync('../cli/tree.py', 'utf8');
        const never = /NEVER = frozenset\(([\s\S]*?)\n\)/.exec(source)?.[1] ?? '';
        const names = [...never.matchAll(/"([^"]+)"/g)].map(found => found[1] as string);
        expect(names.length).toBeGreaterThan(15);
        expect(chosen(names.map(name => file(`w/${name}`))).files).toEqual([]);
        const output = /OUTPUT = frozenset\(([\s\S]*?)\n\)/.exec(source)?.[1] ?? '';
        const made = [...output.matchAll(/"([^"]+)"/g)].map(found => found[1] as string);
        expect(made.length).toBeGreaterThan(5);
        expect(made.every(name => isOutput(`a/${name}/b`))).toBe(true);
        expect(isOutput('distance/b')).toBe(false);
    });
});

describe('what was dropped', () => {
    it('is the content of one folder, all of it', async () => {
        const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`${n}.html`, 'x']));
        const found = await drop({ web: { pages: many, node_modules: { a: 'x' }, '.env': 'SECRET=1' } });
        expect(found.name).toBe('web');
        expect(found.files).toHaveLength(250);
        expect(found.files[0]?.path).toBe('pages/0.html');
        expect(found.left).toEqual(['.env', 'node_modules']);
    });

    it('is the top of a site, when it was several things', async () => {
        const found = await drop({ 'index.html': 'x', css: { 'a.css': 'x' } });
        expect(found.name).toBe('');
        expect(found.files.map(one => one.path)).toEqual(['css/a.css', 'index.html']);
    });
});
