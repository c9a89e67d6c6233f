import { describe, expect, it } from 'vitest';
import { digest, each, fileList } from './blobs';

describe('an upload', () => {
    it('hashes as everybody does', async () => {
        expect(await digest(new Blob(['abc']))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
        expect(await digest(new Blob([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    });

    it('lists files in the format of version 1', () => {
        const sha256 = 'a'.repeat(64);
        expect(JSON.parse(fileList([{ path: 'a/b.js', sha256, size: 3 }]))).toEqual({ version: 1, files: [{ path: 'a/b.js', sha256, size: 3, mode: 420 }] });
    });

    it('does a few things at once, and all of them', async () => {
        let now = 0;
        let most = 0;
        const done: number[] = [];
        await each([...Array(20).keys()], 4, async item => {
            now += 1;
            most = Math.max(most, now);
            await new Promise(soon => setTimeout(soon, 1));
            now -= 1;
            done.push(item);
        });
        expect(most).toBe(4);
        expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    });

    it('ends with the first fault and begins nothing after it', async () => {
        const begun: number[] = [];
        const work = each([...Array(50).keys()], 2, async item => {
            begun.push(item);
            await new Promise(soon => setTimeout(soon, 1));
            if (item === 3) {
                throw new Error('no');
            }
        });
        await expect(work).rejects.toThrow('no');
        await new Promise(soon => setTimeout(soon, 10));
        expect(begun.length).toBeLessThan(8);
    });
});
