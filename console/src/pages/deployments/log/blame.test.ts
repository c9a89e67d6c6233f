import { describe, expect, it } from 'vitest';
import { blame } from './blame';
import { isGap } from './gap';
import { chosen, read, write } from './range';

const said = (...texts: string[]) => texts.map(bare => ({ level: 'info', bare }));

describe('the line that matters', () => {
    it('is the first error with what belongs to it', () => {
        expect(blame(said('Building', "Error: Cannot find module './cart.js'", '    at build.mjs:17:3', 'npm error code 1'))).toEqual({ from: 1, to: 2 });
    });

    it('is not a summary, a file name or a command', () => {
        expect(blame([...said('Found 0 errors: fine', 'dist/error-page.html'), { level: 'command', bare: '$ grep "Error:" x' }])).toBeUndefined();
    });

    it('is else what the builder itself calls an error', () => {
        expect(blame([{ level: 'info', bare: 'a' }, { level: 'error', bare: 'The build ended with exit code 1.' }])).toEqual({ from: 1, to: 1 });
    });
});

describe('a range of lines', () => {
    it('is read and written as in a link', () => {
        expect(read('#L120-L140')).toEqual({ from: 120, to: 140 });
        expect(read('L9-L3')).toEqual({ from: 3, to: 9 });
        expect(read('#L0')).toBeUndefined();
        expect(read('#Lx')).toBeUndefined();
        expect(write({ from: 3, to: 9 })).toBe('L3-L9');
    });

    it('grows with shift from where it began', () => {
        expect(chosen(9, true, { from: 4, to: 4 })).toEqual({ from: 4, to: 9 });
        expect(chosen(9, false, { from: 4, to: 6 })).toEqual({ from: 9, to: 9 });
    });
});

describe('what comes live', () => {
    it('is missing something when a number of the same range was left out', () => {
        expect(isGap(1_000_010, 1_000_012)).toBe(true);
        expect(isGap(1_000_010, 1_000_011)).toBe(false);
        expect(isGap(999_901, 1_000_001)).toBe(false);
        expect(isGap(1_000_423, 900_000_001)).toBe(false);
    });
});
