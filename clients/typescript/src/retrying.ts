export interface Retrying {
    attempts: number;
    wait: (seconds: number) => Promise<void>;
}

const SAFE = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
const PASSING = new Set([429, 502, 503, 504]);
const LONGEST = 30;

// A `fetch` that asks again after what passes by itself. A POST is repeated only with its Idempotency-Key, which makes
// the second the first; every POST gets one. How long to wait the API says, else each wait is twice the one before.
export function retrying(send: typeof fetch, { attempts, wait }: Retrying): (request: Request) => Promise<Response> {
    return async request => {
        if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) {
            request.headers.set('Idempotency-Key', crypto.randomUUID());
        }
        const again = SAFE.has(request.method) || request.method === 'POST';
        for (let attempt = 1; ; attempt += 1) {
            const last = !again || attempt >= attempts;
            let told: string | null = null;
            try {
                const answer = await send(request.clone());
                // 429 says that nothing was done, so anything may be sent again
                if (attempt >= attempts || !PASSING.has(answer.status) || (last && answer.status !== 429)) {
                    return answer;
                }
                told = answer.headers.get('Retry-After');
            } catch (error) {
                if (last || request.signal.aborted) {
                    throw error;
                }
            }
            await wait(Math.min(Number(told) || 0.25 * 2 ** attempt, LONGEST));
        }
    };
}
