// Which lines of a log say why it failed: the first that looks like an error, with what belongs to it.

interface Read {
    level: string;
    bare: string;
}

const TROUBLE = /^\s*(?:npm (?:error|ERR!)|ERR!|fatal:|error(?:\[\w+\])?:|✘|✖|×)|\b(?:\w*Error|\w*Exception|Traceback)\b\s*(?:\(|:|\[)|\b(?:cannot find|not found|failed to|is not defined|permission denied|no such file)\b/i;
// Names of files and words of summaries that hold such words without being one.
const CALM = /\b0 errors?\b|\bno errors?\b|error[-_.]?(?:boundary|page|overlay)/i;
const MOST_LINES = 6;
const BELONGS = /^(?:\s+\S|\s*$|at |> |\d+ \|)/;

export function blame(lines: Read[]): { from: number; to: number } | undefined {
    const told = lines.findIndex(({ level, bare }) => level !== 'command' && TROUBLE.test(bare) && !CALM.test(bare));
    const from = told >= 0 ? told : lines.findIndex(line => line.level === 'error');
    if (from < 0) {
        return undefined;
    }
    let to = from;
    while (to + 1 < lines.length && to - from + 1 < MOST_LINES && BELONGS.test(lines[to + 1]?.bare ?? '')) {
        to += 1;
    }
    while (to > from && !lines[to]?.bare.trim()) {
        to -= 1;
    }
    return { from, to };
}
