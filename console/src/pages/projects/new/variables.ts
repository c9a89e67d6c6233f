import type { Variable } from './plan';

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/;

// The lines of a `.env` file that say a name and a value; comments and what cannot be read are left out.
export function read(text: string): Variable[] {
    return text.split(/\r?\n/).flatMap(line => {
        const [, name, raw = ''] = LINE.exec(line) ?? [];
        return name ? [{ name, value: bare(raw), secret: true }] : [];
    });
}

function bare(raw: string): string {
    const quote = raw.charAt(0);
    if ((quote === '"' || quote === "'") && raw.length > 1 && raw.endsWith(quote)) {
        const inside = raw.slice(1, -1);
        return quote === '"' ? inside.replaceAll('\\n', '\n').replaceAll('\\"', '"') : inside;
    }
    return raw.replace(/\s+#.*$/, '');
}

// Why a variable cannot be called so, as a sentence; empty when it can.
export function nameFault(name: string, all: Variable[]): string {
    if (name === '') {
        return '';
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        return 'Letters, digits and _, and no digit in front.';
    }
    return all.filter(one => one.name === name).length > 1 ? 'There are two of this name.' : '';
}
