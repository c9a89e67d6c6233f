// The colours that programs write for terminals (ECMA-48, "select graphic rendition"), as spans of
// plain text. Nothing of a line ever becomes HTML.

export interface Look {
    color?: number; // 0 to 15
    bold?: boolean;
    dim?: boolean;
    italic?: boolean;
    underline?: boolean;
    strike?: boolean;
    inverse?: boolean;
}

export interface Span {
    text: string;
    look: Look;
}

// CSI sequences with their parameters, then whatever else begins with ESC, then characters that show nothing.
const CODES = /\u001b\[([0-9;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-Z\\-_]?|[\u0000-\u0008\u000b-\u001a\u007f-\u009f]/g;

const BRIGHT = 8;

export function plain(text: string): string {
    return last(text).replace(CODES, '');
}

export function spans(text: string): Span[] {
    const found: Span[] = [];
    const shown = last(text);
    let look: Look = {};
    let from = 0;
    for (const match of shown.matchAll(CODES)) {
        if (match.index > from) {
            found.push({ text: shown.slice(from, match.index), look });
        }
        from = match.index + match[0].length;
        if (match[1] !== undefined) {
            look = next(look, match[1]);
        }
    }
    if (from < shown.length) {
        found.push({ text: shown.slice(from), look });
    }
    return found;
}

// A bar of progress writes over itself: what stands after the last return to the margin is what one would see.
function last(text: string): string {
    const ended = text.replace(/\r+$/, '');
    return ended.slice(ended.lastIndexOf('\r') + 1);
}

function next(before: Look, parameters: string): Look {
    const codes = parameters.split(/[;:]/).map(Number);
    let look = { ...before };
    for (let at = 0; at < codes.length; at += 1) {
        const code = codes[at] ?? 0;
        if (code === 38 || code === 48) {
            const [color, used] = extended(codes, at + 1);
            if (code === 38 && color !== undefined) {
                look.color = color;
            }
            at += used;
        } else {
            look = simple(look, code);
        }
    }
    return look;
}

function simple(look: Look, code: number): Look {
    switch (code) {
        case 0: return {};
        case 1: return { ...look, bold: true };
        case 2: return { ...look, dim: true };
        case 3: return { ...look, italic: true };
        case 4: return { ...look, underline: true };
        case 7: return { ...look, inverse: true };
        case 9: return { ...look, strike: true };
        case 22: return { ...look, bold: false, dim: false };
        case 23: return { ...look, italic: false };
        case 24: return { ...look, underline: false };
        case 27: return { ...look, inverse: false };
        case 29: return { ...look, strike: false };
        case 39: return { ...look, color: undefined };
    }
    if (code >= 30 && code <= 37) {
        return { ...look, color: code - 30 };
    }
    return code >= 90 && code <= 97 ? { ...look, color: code - 90 + BRIGHT } : look;
}

// `5;n` and `2;r;g;b`: which of the sixteen comes nearest, and how many codes that were. The sixteen can be read on
// either background; a colour that a program chose for its own terminal perhaps not.
function extended(codes: number[], at: number): [number | undefined, number] {
    if (codes[at] === 5) {
        const n = codes[at + 1] ?? 0;
        return [n < 16 ? n : nearest(...cube(n)), 2];
    }
    return codes[at] === 2 ? [nearest(codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0), 4] : [undefined, 1];
}

function cube(n: number): [number, number, number] {
    if (n >= 232) {
        const grey = 8 + (n - 232) * 10;
        return [grey, grey, grey];
    }
    const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
    return [level(Math.floor((n - 16) / 36)), level(Math.floor((n - 16) / 6) % 6), level((n - 16) % 6)];
}

// By hue: a bit for each of red, green and blue that is well above the weakest; greys by how light they are.
function nearest(red: number, green: number, blue: number): number {
    const most = Math.max(red, green, blue);
    const least = Math.min(red, green, blue);
    if (most - least < 40) {
        return most < 64 ? 0 : most < 170 ? 8 : 7;
    }
    const middle = (most + least) / 2;
    const hue = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
    return most > 200 ? hue + BRIGHT : hue;
}
