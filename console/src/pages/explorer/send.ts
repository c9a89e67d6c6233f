import { api } from '@/api/client';
import { problem } from '@/api/problem';

export interface Answer {
    status: number;
    ms: number;
    text: string;
}

type Any = (method: string, path: string, init: object) => Promise<{ data?: unknown; response: Response }>;

// A request with the session of whoever is signed in; faults are answers here.
export async function send(method: string, address: string, body: string): Promise<Answer> {
    const began = performance.now();
    const ms = () => Math.round(performance.now() - began);
    try {
        const { data, response } = await (api.request as unknown as Any)(method.toLowerCase(), address, {
            parseAs: 'text',
            ...(body ? { body, bodySerializer: (text: string) => text, headers: { 'Content-Type': 'application/json' } } : {}),
        });
        return { status: response.status, ms: ms(), text: pretty(String(data ?? '')) };
    } catch (thrown) {
        const { status, code, message, hint, errors, request } = problem(thrown);
        return { status, ms: ms(), text: JSON.stringify({ status, code, detail: message, hint, errors, request_id: request }, null, 2) };
    }
}

export function pretty(text: string): string {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}

// How many errors a graph's answer names.
export function faults({ text }: Answer): number {
    try {
        const { errors } = JSON.parse(text) as { errors?: unknown };
        return Array.isArray(errors) ? errors.length : 0;
    } catch {
        return 0;
    }
}
