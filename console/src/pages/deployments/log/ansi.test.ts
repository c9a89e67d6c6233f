import { describe, expect, it } from 'vitest';
import { plain, spans } from './ansi';
import { pieces } from './cut';

const ESC = '\u001b';

describe('colours of terminals', () => {
    it('become spans, and end where they end', () => {
        expect(spans(`a${ESC}[1;31mb${ESC}[22mc${ESC}[0md`)).toEqual([
            { text: 'a', look: {} },
            { text: 'b', look: { bold: true, color: 1 } },
            { text: 'c', look: { bold: false, dim: false, color: 1 } },
            { text: 'd', look: {} },
        ]);
    });

    it('of 256 and of millions come down to sixteen', () => {
        expect(spans(`${ESC}[38;5;196mx`)[0]?.look.color).toBe(9);
        expect(spans(`${ESC}[38;2;10;200;30mx`)[0]?.look.color).toBe(2);
        expect(spans(`${ESC}[38;5;244mx`)[0]?.look.color).toBe(8);
    });

    it('leave no trace of other sequences', () => {
        expect(plain(`${ESC}[2K${ESC}[1Gok ${ESC}]8;;https://example.com${ESC}\\link${ESC}]8;;${ESC}\\`)).toBe('ok link');
        expect(plain(`a\u0007b${ESC}[`)).toBe('ab[');
    });

    it('show what a bar of progress wrote last', () => {
        expect(plain('10 %\r50 %\r100 %\r')).toBe('100 %');
    });
});

describe('pieces of a line', () => {
    it('link http and https, and nothing else', () => {
        const found = pieces('see https://example.com/a?b=1. or javascript:alert(1) (http://x.test)');
        expect(found.filter(one => one.href).map(one => one.href)).toEqual(['https://example.com/a?b=1', 'http://x.test']);
    });

    it('keep the text whole, whatever cuts it', () => {
        const line = `${ESC}[32mdone${ESC}[0m in https://exa${ESC}[1mmple.com/x`;
        expect(pieces(line, 'example').map(one => one.text).join('')).toBe('done in https://example.com/x');
        expect(pieces(line, 'example').filter(one => one.found).map(one => one.text).join('')).toBe('example');
    });

    it('are text also where they look like markup', () => {
        expect(pieces('<img src=x onerror=alert(1)>')).toEqual([{ text: '<img src=x onerror=alert(1)>', look: {}, href: undefined, found: undefined }]);
    });
});
