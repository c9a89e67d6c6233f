// Lines that a link is about: `#L120`, or `#L120-L140`. They count from 1.
export interface Range {
    from: number;
    to: number;
}

export function read(hash: string): Range | undefined {
    const found = /^#?L(\d{1,7})(?:-L?(\d{1,7}))?$/.exec(hash);
    if (!found) {
        return undefined;
    }
    const ends = [Number(found[1]), Number(found[2] ?? found[1])];
    const range = { from: Math.min(...ends), to: Math.max(...ends) };
    return range.from > 0 ? range : undefined;
}

export const write = ({ from, to }: Range): string => (from === to ? `L${from}` : `L${from}-L${to}`);

// With shift a range grows to the line that was chosen, from where it began.
export function chosen(line: number, shift: boolean, before: Range | undefined): Range {
    return shift && before ? { from: Math.min(before.from, line), to: Math.max(before.from, line) } : { from: line, to: line };
}
