import { describe, expect, it } from 'vitest';
import { hash, initial, pattern } from './pattern';

describe('the picture of a project', () => {
    it('is the same for the same id and another for another', () => {
        expect(pattern('prj_01a')).toEqual(pattern('prj_01a'));
        expect(pattern('prj_01a')).not.toEqual(pattern('prj_01b'));
    });

    it('spreads ids over the hues', () => {
        const hues = new Set(Array.from({ length: 200 }, (_, n) => pattern(`prj_${n}`).from));
        expect(hues.size).toBeGreaterThan(100);
    });

    it('keeps its shapes in the frame and faint, so that the letter is read', () => {
        for (let n = 0; n < 100; n += 1) {
            for (const shape of pattern(`prj_${n}`).shapes) {
                expect(shape.x).toBeLessThan(160);
                expect(shape.y).toBeLessThan(100);
                expect(shape.opacity).toBeLessThan(0.2);
            }
        }
    });

    it('hashes as FNV-1a does', () => {
        expect(hash('')).toBe(0x811c9dc5);
        expect(hash('a')).toBe(0xe40c292c);
    });

    it('has a letter for every name', () => {
        expect(initial(' shop')).toBe('S');
        expect(initial('')).toBe('?');
        expect(initial('日本')).toBe('日');
    });
});
