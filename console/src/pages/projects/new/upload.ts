import { api } from '@/api/client';
import { Problem } from '@/api/problem';
import type { Schema } from '@/api/query';
import { digest, each, fileList } from './blobs';
import type { Found } from './folder';

// Getting a folder to the store: hash, tell the list of files, send what is not there yet. What `deck deploy` does.

export interface Progress {
    phase: 'hashing' | 'sending';
    done: number;
    total: number;
}

interface Wanted {
    sha256: string;
    url: string;
    headers: Record<string, unknown>;
}

const AT_ONCE = 6;
const ROUNDS = 2; // the second asks for new addresses, for those that ran out meanwhile
// Sends a folder and answers with the id of the upload, from which a deployment is made.
export async function upload(project: string, kind: 'source' | 'output', found: Found[], tell: (progress: Progress) => void): Promise<string> {
    const hashes = new Map<Found, string>();
    await each(found, 4, async one => {
        hashes.set(one, await digest(one.file).catch(() => Promise.reject(changed(one.path))));
        tell({ phase: 'hashing', done: hashes.size, total: found.length });
    });
    const listed = found.map(one => ({ path: one.path, sha256: hashes.get(one) as string, size: one.file.size }));
    const bySha = new Map(found.map(one => [hashes.get(one) as string, one]));
    const { data } = await api.POST('/v1/projects/{project}/uploads', {
        params: { path: { project } },
        body: { kind, files: found.length, bytes: found.reduce((sum, one) => sum + one.file.size, 0) },
    });
    const begun = data as NonNullable<typeof data>;
    await put(begun.list_url, begun.list_headers, new Blob([fileList(listed)]), 'the list of files', () => undefined);
    for (let round = 0; round < ROUNDS; round += 1) {
        if (await sendMissing(begun.id, bySha, tell)) {
            return begun.id;
        }
    }
    throw new Problem(403, 'upload_refused', 'The store refuses the upload.', 'Try again.');
}

// True when everything is there; false when some addresses were no longer good.
async function sendMissing(id: string, files: Map<string, Found>, tell: (progress: Progress) => void): Promise<boolean> {
    const wanted = await missing(id);
    const total = wanted.reduce((sum, one) => sum + (files.get(one.sha256)?.file.size ?? 0), 0);
    const sent = new Map<string, number>();
    let fresh = true;
    const told = () => tell({ phase: 'sending', done: [...sent.values()].reduce((sum, bytes) => sum + bytes, 0), total });
    told();
    await each(wanted, AT_ONCE, async ({ sha256, url, headers }) => {
        const one = files.get(sha256);
        if (!one) {
            throw new Problem(500, 'unknown_blob', 'The API asks for content that is not in this folder.', 'Try again.');
        }
        const good = await put(url, headers, one.file, one.path, bytes => {
            sent.set(sha256, bytes);
            told();
        });
        fresh &&= good;
    });
    return fresh;
}

async function missing(id: string): Promise<Wanted[]> {
    const all: Wanted[] = [];
    let cursor: string | null = null;
    do {
        const { data } = await api.POST('/v1/uploads/{upload}/missing', { params: { path: { upload: id } }, body: { cursor } });
        const page = data as Schema<'MissingView'>;
        all.push(...page.uploads);
        cursor = page.next;
    } while (cursor);
    return all;
}

// False when the address is no longer good. 412 says that the content is there already.
function put(url: string, headers: Record<string, unknown>, body: Blob, what: string, tell: (bytes: number) => void): Promise<boolean> {
    return new Promise((done, refused) => {
        const request = new XMLHttpRequest();
        request.open('PUT', url);
        for (const [name, value] of Object.entries(headers)) {
            if (name.toLowerCase() !== 'content-length') {
                request.setRequestHeader(name, String(value));
            }
        }
        request.upload.onprogress = event => tell(event.loaded);
        request.onload = () => {
            if (request.status < 300 || request.status === 412) {
                tell(body.size);
                done(true);
            } else if (request.status === 403) {
                done(false);
            } else {
                refused(request.status === 400 ? changed(what) : new Problem(request.status, 'upload_failed', `The store refused ${what} (${request.status}).`, 'Try again.'));
            }
        };
        request.onerror = () => refused(new Problem(0, 'upload_failed', `${what} could not be sent.`, 'Look at your connection, then try again: what was sent is not sent twice.'));
        request.send(body);
    });
}

const changed = (path: string): Problem =>
    new Problem(400, 'changed_during_upload', `${path} changed, or can no longer be read.`, 'Stop what writes to it, choose the folder again and deploy it.');
