// What went wrong, as a person should read it: what happened, and what to do next.
const LONGEST = 30;

export class Problem extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        detail: string,
        readonly hint = '',
        readonly errors: { pointer: string; detail: string; code: string }[] = [],
        readonly request = '',
        readonly after = 0, // seconds that the API wants us to wait
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
            Number(answer.headers.get('Retry-After')) || 0,
        );
    }

    // Whether asking again may help without anybody doing anything.
    get passing(): boolean {
        return this.status === 0 || this.status >= 500 || (this.status === 429 && this.after > 0 && this.after <= LONGEST);
    }

    // How long to wait before asking again for the nth time, in milliseconds: what the API says, or twice as long each
    // time. A little more than that, so that all who were told the same do not come back together.
    pause(count: number, random: () => number = Math.random): number {
        return (this.after > 0 ? Math.min(this.after, LONGEST) * 1000 : Math.min(1000 * 2 ** count, 30_000)) + random() * 500;
    }
}

export const UNREACHABLE = 'unreachable';

export function problem(thrown: unknown): Problem {
    if (thrown instanceof Problem) {
        return thrown;
    }
    return new Problem(0, 'page_fault', thrown instanceof Error ? thrown.message : String(thrown), 'Reload the page.');
}
