// Sentences of the activity name deployments by their ids, which nobody reads: they become links with a short name.

export type Piece = { text: string } | { deployment: string };

const DEPLOYMENT = /\b(dpl_[0-9a-hjkmnp-tv-z]{26})\b/;

export function pieces(sentence: string): Piece[] {
    return sentence
        .split(DEPLOYMENT)
        .map((part, at) => (at % 2 ? { deployment: part } : { text: part }))
        .filter(piece => !('text' in piece) || piece.text !== '');
}

// The end of an id is what tells two of them apart.
export const brief = (id: string): string => id.slice(-6);

// Where what a sentence is about can be looked at.
export function leadsTo(resource: string): string | undefined {
    if (resource.startsWith('dpl_')) {
        return `/deployments/${resource}`;
    }
    return resource.startsWith('prj_') ? `/projects/${resource}` : undefined;
}
