import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { isOutput, type Found } from './folder';
import { digest } from './blobs';

export type Detection = Schema<'DetectionView'>;

const MOST_NAMES = 1000;
const LARGEST_TEXT = 256 * 1024;
const ROUNDS = 3; // names, the files asked for, those of a folder that one of them names

// What the API makes of a folder; it asks back for the few files that it wants to read.
export async function detect(files: Found[], root: string): Promise<Detection> {
    const source = files.filter(one => !isOutput(one.path));
    const names = [...new Set(source.map(one => one.path.split('/')[0] as string))].slice(0, MOST_NAMES);
    const texts: Record<string, { sha256: string; text?: string }> = {};
    for (let round = 1; ; round += 1) {
        const { data } = await api.POST('/v1/frameworks/detect', { body: { root_files: names, files: texts, root: root || null } as never });
        const found = data as Detection;
        const more = source.filter(one => found.inspect.includes(one.path) && !(one.path in texts));
        if (more.length === 0 || round === ROUNDS) {
            return found;
        }
        for (const one of more) {
            const sha256 = await digest(one.file);
            texts[one.path] = one.file.size <= LARGEST_TEXT ? { sha256, text: await one.file.text() } : { sha256 };
        }
    }
}
