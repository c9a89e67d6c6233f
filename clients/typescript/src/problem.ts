// What the API refused, and why (RFC 9457).
export class Problem extends Error {
    override readonly name = 'Problem';

    constructor(
        readonly status: number,
        readonly code: string,
        detail: string,
        readonly hint = '',
        readonly errors: { pointer: string; detail: string; code: string }[] = [],
        readonly requestId = '',
    ) {
        super(detail);
    }

    static async of(answer: Response): Promise<Problem> {
        const said = await answer.json().catch(() => ({}));
        const detail = said.detail ?? `The API answered ${answer.status}.`;
        return new Problem(answer.status, said.code ?? '', detail, said.hint ?? '', said.errors ?? [], said.request_id ?? '');
    }
}
