import { describe, expect, it } from 'vitest';
import { nameFault, read } from './variables';

describe('variables that were pasted', () => {
    it('are read as a .env file is', () => {
        const found = read('# keys\nA=1\nexport B = "two words"\n\nC=\'x#y\'\nD=z # why\nnonsense\nE="a\\nb"\r\nF=');
        expect(found.map(({ name, value }) => [name, value])).toEqual([['A', '1'], ['B', 'two words'], ['C', 'x#y'], ['D', 'z'], ['E', 'a\nb'], ['F', '']]);
    });

    it('are secrets until somebody says otherwise', () => {
        expect(read('A=1')[0]?.secret).toBe(true);
    });

    it('have a name that a shell takes, once', () => {
        const one = { name: 'A', value: '', secret: false };
        expect(nameFault('A', [one])).toBe('');
        expect(nameFault('A', [one, one])).toContain('two');
        expect(nameFault('1A', [])).not.toBe('');
        expect(nameFault('A-B', [])).not.toBe('');
    });
});
