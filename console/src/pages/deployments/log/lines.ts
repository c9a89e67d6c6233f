import { api } from '@/api/client';
import { follow, hear, type Line } from '@/live/socket';
import { plain } from './ansi';
import { isGap } from './gap';

const PAGE = 1000;
const DRAWN_MS = 40;

export interface Shown extends Line {
    bare: string; // as it is read, without the codes of colours
}

// The log of one deployment: what there is by pages, then what comes by the live connection, each line once and in
// the order of its number. Numbers have gaps; where a line stands is what people call it by.
export class Lines {
    all: Shown[] = [];
    version = 0;
    state: 'idle' | 'loading' | 'following' | 'done' | 'failed' = 'idle';
    fault: unknown;

    private readonly told = new Set<() => void>();
    private telling: ReturnType<typeof setTimeout> | undefined;
    private ends: (() => void)[] = [];
    private readonly leaving = new AbortController();

    constructor(private readonly deployment: string) {}

    readonly subscribe = (hears: () => void): (() => void) => {
        this.told.add(hears);
        return () => this.told.delete(hears);
    };

    readonly snapshot = (): number => this.version;

    async begin(): Promise<void> {
        this.become('loading');
        try {
            await this.pages();
        } catch (error) {
            if (!this.leaving.signal.aborted) {
                this.become('failed', error);
            }
        }
    }

    end(): void {
        this.leaving.abort();
        this.quiet();
    }

    private get after(): number {
        return this.all.at(-1)?.n ?? 0;
    }

    private async pages(): Promise<void> {
        for (;;) {
            const { data } = await api.GET('/v1/deployments/{deployment}/logs', {
                params: { path: { deployment: this.deployment }, query: { after: this.after, limit: PAGE } },
                signal: this.leaving.signal,
            });
            const lines = (data?.lines ?? []) as Line[];
            this.add(lines);
            if (data?.done) {
                return this.become('done');
            }
            if (lines.length < PAGE) {
                return this.live();
            }
        }
    }

    // The connection asks again from the last line by itself when it was lost.
    private live(): void {
        if (this.leaving.signal.aborted) {
            return;
        }
        this.become('following');
        this.ends.push(
            hear(message => {
                if (message.type === 'log' && message.deployment === this.deployment) {
                    this.take(message.lines);
                }
            }),
            follow({ deployment: this.deployment, after: () => this.after }),
        );
    }

    // Whoever shows the deployment knows that it is over: what is missing is asked for, and nothing more comes.
    finish(): void {
        if (this.state === 'following') {
            this.quiet();
            void this.begin();
        }
    }

    private add(lines: Line[]): void {
        for (const line of lines.filter(one => one.n > this.after).sort((a, b) => a.n - b.n)) {
            this.all.push({ ...line, bare: plain(line.text) });
        }
        this.tell();
    }

    // What comes live may overtake what was sent before it: then the pages are asked, which leave nothing out.
    private take(lines: Line[]): void {
        const first = Math.min(...lines.filter(one => one.n > this.after).map(one => one.n));
        if (this.state !== 'following' || first === Infinity) {
            return;
        }
        if (isGap(this.after, first)) {
            this.quiet();
            void this.begin();
        } else {
            this.add(lines);
        }
    }

    private quiet(): void {
        this.ends.forEach(stop => stop());
        this.ends = [];
    }

    private become(state: Lines['state'], fault?: unknown): void {
        this.state = state;
        this.fault = fault;
        this.tell();
    }

    // At most once for every picture that is drawn, however much comes.
    private tell(): void {
        this.telling ??= setTimeout(() => {
            this.telling = undefined;
            this.version += 1;
            this.told.forEach(hears => hears());
        }, DRAWN_MS);
    }
}
