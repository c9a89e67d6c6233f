// The OpenAPI document as the explorer reads it: one list of operations, and what their parts look like.

export interface Shape {
    $ref?: string;
    type?: string | string[];
    format?: string;
    description?: string;
    properties?: Record<string, Shape>;
    required?: string[];
    items?: Shape;
    anyOf?: Shape[];
    enum?: unknown[];
    const?: unknown;
    default?: unknown;
    examples?: unknown[];
    additionalProperties?: boolean | Shape;
    maxLength?: number;
    minimum?: number;
    maximum?: number;
    writeOnly?: boolean;
}

export interface Parameter {
    name: string;
    in: 'path' | 'query' | 'header';
    required: boolean;
    description?: string;
    schema: Shape;
}

interface Said {
    operationId: string;
    tags: string[];
    summary: string;
    description?: string;
    parameters: Parameter[];
    requestBody?: { content: Record<string, { schema: Shape }> };
    responses: Record<string, { description: string; content?: Record<string, { schema: Shape }> }>;
    security: Record<string, string[]>[];
    'x-permission': string;
}

export interface Document {
    info: { title: string; version: string };
    servers: { url: string }[];
    paths: Record<string, Record<string, Said>>;
    components: { schemas: Record<string, Shape> };
}

export interface Operation {
    id: string;
    tag: string;
    method: string;
    path: string;
    summary: string;
    description: string;
    parameters: Parameter[];
    body: Shape | undefined;
    bodyType: string;
    answers: { status: string; text: string; shape: Shape | undefined }[];
    permission: string;
    open: boolean;
}

export function operations(document: Document): Operation[] {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, said]) => {
            const [bodyType, body] = Object.entries(said.requestBody?.content ?? {})[0] ?? ['', undefined];
            return {
                id: said.operationId,
                tag: said.tags[0] ?? '',
                method: method.toUpperCase(),
                path,
                summary: said.summary,
                description: said.description ?? '',
                parameters: said.parameters,
                body: body?.schema,
                bodyType,
                answers: Object.entries(said.responses).map(([status, answer]) => ({
                    status,
                    text: answer.description,
                    shape: Object.values(answer.content ?? {})[0]?.schema,
                })),
                permission: said['x-permission'],
                open: said.security.length === 0,
            };
        }),
    );
}

// Every word has to stand somewhere in an operation.
export function found(all: Operation[], words: string): Operation[] {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    return all.filter(one => {
        const text = `${one.method} ${one.path} ${one.summary} ${one.tag} ${one.permission}`.toLowerCase();
        return wanted.every(word => text.includes(word));
    });
}

export function byTag(all: Operation[]): [string, Operation[]][] {
    const groups = new Map<string, Operation[]>();
    for (const one of all) {
        groups.set(one.tag, [...(groups.get(one.tag) ?? []), one]);
    }
    return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

export function named(shape: Shape): string {
    return shape.$ref?.split('/').pop() ?? '';
}

export function resolved(shape: Shape, document: Document): Shape {
    return shape.$ref ? (document.components.schemas[named(shape)] ?? {}) : shape;
}

export function typeOf(shape: Shape): string {
    if (shape.$ref) {
        return named(shape);
    }
    if (shape.anyOf) {
        return shape.anyOf.map(typeOf).join(' or ');
    }
    if (shape.const !== undefined) {
        return JSON.stringify(shape.const);
    }
    if (shape.enum) {
        return shape.enum.map(value => JSON.stringify(value)).join(' or ');
    }
    if (shape.items) {
        return `list of ${typeOf(shape.items)}`;
    }
    return [shape.type ?? 'anything'].flat().join(' or ');
}

// A body to begin with: what has to be there, with values of the right kind.
export function sample(shape: Shape, document: Document, depth = 0): unknown {
    const whole = resolved(shape, document);
    if (whole.default !== undefined) {
        return whole.default;
    }
    if (whole.const !== undefined || whole.enum) {
        return whole.const ?? whole.enum?.[0];
    }
    if (whole.anyOf) {
        return sample(whole.anyOf[0] ?? {}, document, depth + 1);
    }
    if (whole.properties && depth < 6) {
        return Object.fromEntries((whole.required ?? []).map(name => [name, sample(whole.properties?.[name] ?? {}, document, depth + 1)]));
    }
    const kind = [whole.type].flat()[0] ?? '';
    const values: Record<string, unknown> = { string: '', integer: 0, number: 0, boolean: false, array: [], object: {}, null: null };
    return values[kind] ?? null;
}

// The address with what was filled in; parts that are empty stay as they are written.
export function address(path: string, parameters: Parameter[], values: Record<string, string>): string {
    const filled = path.replace(/{(\w+)}/g, (whole, name: string) => (values[name] ? encodeURIComponent(values[name]) : whole));
    const query = new URLSearchParams();
    for (const one of parameters.filter(part => part.in === 'query')) {
        if (values[one.name]) {
            query.set(one.name, values[one.name] ?? '');
        }
    }
    return query.size ? `${filled}?${query}` : filled;
}
