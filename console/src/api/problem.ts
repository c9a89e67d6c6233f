// What went wrong, as a person should read it: what happened, and what to do next.
export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        detail: string,
        readonly hint = '',
        readonly errors: { pointer: string; detail: string; code: string }[] = [],
        readonly request = '',
    ) {
        super(detail);
    }

    static async of(answer: Response): Promise<Problem> {
        const said = await answer.json().catch(() => ({}));
        return new Problem(
            answer.status,
            said.code ?? '',
            said.detail ?? `The API answered ${answer.status}.`,
            said.hint ?? '',
            said.errors ?? [],
            said.request_id ?? '',
        );
    }

    // Whether asking again may help without anybody doing anything.
    get passing(): boolean {
        return this.status === 0 || this.status >= 500;
    }
}

export const UNREACHABLE = 'unreachable';

export function problem(thrown: unknown): Problem {
    if (thrown instanceof Problem) {
        return thrown;
    }
    return new Problem(0, 'page_fault', thrown instanceof Error ? thrown.message : String(thrown), 'Reload the page.');
}
