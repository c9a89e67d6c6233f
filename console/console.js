// The page says how this installation is and how to use it. `config.json` beside it is written when
// the console is deployed: {"api": base URL, "live": WebSocket URL}.

const SECONDS = 8;
const part = name => document.querySelector(`[data-${name}]`);

async function ask(url) {
    const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(SECONDS * 1000) });
    if (!answer.ok) {
        throw new Error(`it answered ${answer.status}`);
    }
    return answer.json();
}

function say(state, title, detail) {
    part('health').className = `dot ${state}`;
    part('health-title').textContent = title;
    part('health-detail').textContent = detail;
}

function link(name, url) {
    const element = document.querySelector(`[data-link="${name}"]`);
    element.href = url;
    element.hidden = false;
}

function show(api) {
    const command = `deck login --api ${api}`;
    part('login').textContent = command;
    const button = part('copy');
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(command);
        button.textContent = 'Copied';
    });
    link('openapi', `${api}/v1/openapi.json`);
    link('meta', `${api}/v1/meta`);
}

async function start() {
    let api;
    try {
        api = new URL((await ask('/config.json')).api).href.replace(/\/$/, '');
    } catch (error) {
        say('bad', 'This console does not know its API', `config.json: ${error.message}. Deploy the console again.`);
        return;
    }
    show(api);
    try {
        const began = performance.now();
        const health = await ask(`${api}/v1/health`);
        const milliseconds = Math.round(performance.now() - began);
        if (health.status !== 'ok') {
            throw new Error(`it says ${health.status}`);
        }
        const meta = await ask(`${api}/v1/meta`);
        say('good', 'The API answers', `Version ${meta.version}, ${milliseconds} ms`);
        const sites = part('sites');
        sites.textContent = `Sites appear at ${meta.sites.replace('{label}', '<name>')}`;
        sites.hidden = false;
    } catch (error) {
        say('bad', 'The API does not answer', `${error.message}. Reload in a minute; then look at the logs of the API.`);
    }
}

start();
