import { Problem, UNREACHABLE } from './problem';

// Where the parts of this installation are: `config.json` is written when the console is put into place.
export interface Config {
    api: string;
    live: string;
    push?: string;
}

let asked: Promise<Config> | undefined;

export function config(): Promise<Config> {
    asked ??= read().catch(error => {
        asked = undefined;
        throw error;
    });
    return asked;
}

async function read(): Promise<Config> {
    const answer = await fetch('/config.json', { cache: 'no-store' }).catch(() => {
        throw new Problem(0, UNREACHABLE, 'CloudDeck does not answer.', 'Look at your connection; this page goes on by itself once it is back.');
    });
    if (!answer.ok) {
        throw new Error('This console does not know its API (config.json is not there). Put the console into place again.');
    }
    const found = (await answer.json()) as Config;
    return { ...found, api: new URL(found.api, location.origin).href.replace(/\/$/, '') };
}
