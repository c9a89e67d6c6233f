// The API, as the signed-in person. Tokens live as long as the tab; nothing is put into cookies.

const SECONDS = 15;
const KEPT = 'clouddeck.session';
let config;

export class ApiError extends Error {
    constructor(status, problem) {
        super(problem.detail || `The API answered ${status}.`);
        this.status = status;
        this.code = problem.code || '';
        this.hint = problem.hint || '';
    }
}

export async function address() {
    if (!config) {
        const answer = await fetch('/config.json', { cache: 'no-store' });
        if (!answer.ok) {
            throw new Error('This console does not know its API (config.json is not there). Deploy the console again.');
        }
        config = await answer.json();
    }
    return new URL(config.api, location.origin).href.replace(/\/$/, '');
}

const session = () => JSON.parse(sessionStorage.getItem(KEPT) || 'null');
export const signedIn = () => session() !== null;

export function keep(tokens) {
    if (tokens) {
        sessionStorage.setItem(KEPT, JSON.stringify({ access: tokens.access_token, refresh: tokens.refresh_token }));
    } else {
        sessionStorage.removeItem(KEPT);
    }
}

async function send(method, path, body, token) {
    const headers = { Accept: 'application/json' };
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }
    if (token) {
        headers.Authorization = `Bearer ${token}`;
    }
    let answer;
    try {
        answer = await fetch(`${await address()}/v1${path}`, {
            method,
            headers,
            body: body === undefined ? undefined : JSON.stringify(body),
            cache: 'no-store',
            signal: AbortSignal.timeout(SECONDS * 1000),
        });
    } catch (error) {
        throw new Error(`The API does not answer: ${error.message}`);
    }
    const text = await answer.text();
    const content = text ? JSON.parse(text) : null;
    if (!answer.ok) {
        throw new ApiError(answer.status, content || {});
    }
    return content;
}

let renewing;

// Two calls of this tab must not spend the same refresh token.
function renew() {
    renewing ??= send('POST', '/auth/refresh', { refresh_token: session().refresh })
        .then(keep, error => {
            if (error.status === 401) {
                keep(null);
            }
            throw error;
        })
        .finally(() => { renewing = undefined; });
    return renewing;
}

let prove;

// Who asks for a fresh proof of identity when the API wants one; see views/step-up.js.
export function proveWith(asker) {
    prove = asker;
}

export async function call(method, path, body, attempt = 0) {
    try {
        return await send(method, path, body, session()?.access);
    } catch (error) {
        if (attempt || !(error instanceof ApiError) || error.status !== 401 || !signedIn()) {
            throw error;
        }
        if (error.code === 'step_up_required') {
            await prove();
        } else {
            await renew();
        }
        return call(method, path, body, 1);
    }
}

export const get = path => call('GET', path);
export const post = (path, body = {}) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
export const remove = path => call('DELETE', path);
