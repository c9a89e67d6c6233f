import { spans, type Look } from './ansi';

// A line as pieces that look alike: its colours, its links, and where what is searched for stands.
export interface Piece {
    text: string;
    look: Look;
    href?: string;
    found?: boolean;
}

const LINKS = /\bhttps?:\/\/[^\s<>"'`\\^{}|]+/g;
// What ends a sentence or closes a bracket is no part of the address before it.
const AFTER = /[.,;:!?)\]]+$/;

interface Stretch {
    from: number;
    to: number;
}

function links(text: string): (Stretch & { href: string })[] {
    return [...text.matchAll(LINKS)].flatMap(match => {
        const href = match[0].replace(AFTER, '');
        return URL.canParse(href) ? [{ from: match.index, to: match.index + href.length, href }] : [];
    });
}

export function places(text: string, wanted: string): Stretch[] {
    const found: Stretch[] = [];
    const where = text.toLowerCase();
    for (let at = wanted ? where.indexOf(wanted) : -1; at >= 0; at = where.indexOf(wanted, at + wanted.length)) {
        found.push({ from: at, to: at + wanted.length });
    }
    return found;
}

export function pieces(line: string, wanted = ''): Piece[] {
    const looks = spans(line);
    const text = looks.map(span => span.text).join('');
    const linked = links(text);
    const marked = places(text, wanted);
    const edges = new Set([0, text.length, ...[...linked, ...marked].flatMap(one => [one.from, one.to])]);
    let at = 0;
    for (const span of looks) {
        edges.add((at += span.text.length));
    }
    const order = [...edges].sort((a, b) => a - b);
    const made: Piece[] = [];
    let span = 0;
    let end = looks[0]?.text.length ?? 0;
    for (let index = 0; index + 1 < order.length; index += 1) {
        const [from, to] = [order[index] as number, order[index + 1] as number];
        while (from >= end && span + 1 < looks.length) {
            span += 1;
            end += looks[span]?.text.length ?? 0;
        }
        made.push({
            text: text.slice(from, to),
            look: looks[span]?.look ?? {},
            href: linked.find(one => one.from <= from && to <= one.to)?.href,
            found: marked.some(one => one.from <= from && to <= one.to) || undefined,
        });
    }
    return made;
}
