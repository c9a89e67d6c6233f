// What a signed statement says, out of its envelope. Sources: in-toto Statement v1, SLSA Provenance v1.

interface Digest {
    digest?: Record<string, string>;
}

interface Statement {
    subject?: Digest[];
    predicate?: {
        buildDefinition?: {
            buildType?: string;
            externalParameters?: Record<string, unknown>;
            resolvedDependencies?: (Digest & { uri?: string })[];
        };
        runDetails?: { builder?: { id?: string }; metadata?: { startedOn?: string; finishedOn?: string } };
    };
}

export interface Said {
    subject: string;
    type: string;
    commit: string;
    branch: string;
    trigger: string;
    source: string;
    builder: string;
    began: string;
    ended: string;
    text: string;
}

const digest = (of: Digest | undefined, ...kinds: string[]): string => kinds.map(kind => of?.digest?.[kind]).find(Boolean) ?? '';

export function statement(payload: string): Said {
    const bytes = Uint8Array.from(atob(payload), letter => letter.charCodeAt(0));
    const read = JSON.parse(new TextDecoder().decode(bytes)) as Statement;
    const { buildDefinition: made, runDetails: run } = read.predicate ?? {};
    const { source, ...asked } = made?.externalParameters ?? {};
    const told: Record<string, unknown> = { ...asked, ...(source as object | undefined) };
    const text = (name: string) => (typeof told[name] === 'string' ? told[name] : '');
    const sources = made?.resolvedDependencies ?? [];
    return {
        subject: digest(read.subject?.[0], 'dirHash', 'sha256'),
        type: made?.buildType ?? '',
        commit: text('commit') || sources.map(one => digest(one, 'gitCommit')).find(Boolean) || '',
        branch: text('branch'),
        trigger: text('trigger'),
        source: sources.map(one => digest(one, 'sha256', 'dirHash')).find(Boolean) ?? '',
        builder: run?.builder?.id ?? '',
        began: run?.metadata?.startedOn ?? '',
        ended: run?.metadata?.finishedOn ?? '',
        text: JSON.stringify(read, null, 2),
    };
}
