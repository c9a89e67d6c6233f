import type { Schema } from '@/api/query';

export type Rule = Schema<'RuleView'>;

type Said = boolean | string | string[] | { [name: string]: Said } | null | undefined;

function list(said: Said): string {
    if (said === true) {
        return 'is there';
    }
    return Array.isArray(said) ? said.join(' or ') : String(said);
}

// What a rule asks of a request, as short sentences: `country AU or NZ`, `cookie is_beta is there`.
export function conditions(when: unknown, not = false): string[] {
    if (typeof when !== 'object' || when === null) {
        return [];
    }
    const before = not ? 'not ' : '';
    return Object.entries(when as Record<string, Said>).flatMap(([what, said]) => {
        if (said === null || said === undefined || (Array.isArray(said) && said.length === 0)) {
            return [];
        }
        if (what === 'unless') {
            return conditions(said, !not);
        }
        if (typeof said === 'object' && !Array.isArray(said)) {
            return Object.entries(said).map(([name, value]) => `${before}${what} ${name} ${value === true ? 'is there' : `= ${list(value)}`}`);
        }
        return [`${before}${what} ${list(said)}`];
    });
}

// What becomes of a request that fits.
export function effect(rule: Pick<Rule, 'status' | 'to'>): string {
    if (rule.status >= 300 && rule.status < 400) {
        return 'redirect';
    }
    if (rule.to.startsWith('backend:') || rule.to.startsWith('https://')) {
        return 'proxy';
    }
    return rule.status === 200 ? 'rewrite' : 'page';
}

export function fits(rule: Rule, said: string): boolean {
    const words = said.toLowerCase().split(/\s+/).filter(Boolean);
    const text = `${rule.path} ${rule.to} ${rule.status} ${rule.source}:${rule.line} ${effect(rule)} ${conditions(rule.when).join(' ')}`.toLowerCase();
    return words.every(word => text.includes(word));
}

// Lines `Name: value` as headers; what is none is told with its number.
export function headerLines(text: string): { headers: Record<string, string>; fault: string | null } {
    const headers: Record<string, string> = {};
    for (const [index, line] of text.split('\n').entries()) {
        if (!line.trim()) {
            continue;
        }
        const at = line.indexOf(':');
        if (at < 1) {
            return { headers, fault: `Line ${index + 1} is no header: write Name: value.` };
        }
        headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
    return { headers, fault: null };
}
