// A picture that belongs to a project for as long as it has its id: two hues and a few shapes, drawn from the id alone.

export interface Pattern {
    from: string;
    to: string;
    shapes: { x: number; y: number; r: number; opacity: number }[];
}

// FNV-1a: few bits, spread well, and the same in every browser.
export function hash(text: string): number {
    let value = 0x811c9dc5;
    for (let at = 0; at < text.length; at += 1) {
        value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
    }
    return value >>> 0;
}

export function pattern(id: string): Pattern {
    let state = hash(id) || 1;
    const draw = (most: number): number => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % most;
    };
    const hue = draw(360);
    const turn = 24 + draw(50);
    return {
        from: `oklch(0.5 0.13 ${hue})`,
        to: `oklch(0.38 0.12 ${(hue + turn) % 360})`,
        shapes: Array.from({ length: 5 }, () => ({ x: draw(160), y: draw(100), r: 12 + draw(42), opacity: 0.06 + draw(12) / 100 })),
    };
}

export const initial = (name: string): string => ([...name.trim()][0] ?? '?').toLocaleUpperCase();
