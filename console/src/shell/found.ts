import type { ReactNode } from 'react';

// What the palette offers, and which of it fits what somebody types.

export interface Offer {
    id: string;
    label: string;
    group: string;
    about?: string;
    words?: string;
    icon: ReactNode;
    go: () => void;
}

// How well a label fits: all words have to be in it, the beginning of it counts most, then the beginning of a word.
export function fit(offer: Pick<Offer, 'label' | 'words'>, typed: string): number {
    const text = `${offer.label} ${offer.words ?? ''}`.toLowerCase();
    let sum = 0;
    for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
        const at = text.indexOf(word);
        if (at < 0) {
            return 0;
        }
        sum += at === 0 ? 3 : /[\s-]/.test(text.charAt(at - 1)) ? 2 : 1;
    }
    return sum || 1;
}

// The best first, groups together: a group stands where its best offer does.
export function found(offers: Offer[], typed: string): Offer[] {
    if (typed.trim() === '') {
        return offers;
    }
    const fitting = offers.map(offer => ({ offer, fits: fit(offer, typed) })).filter(one => one.fits > 0);
    const best = new Map<string, number>();
    for (const { offer, fits } of fitting) {
        best.set(offer.group, Math.max(best.get(offer.group) ?? 0, fits));
    }
    const groups = [...best.keys()];
    return fitting
        .sort(
            (a, b) =>
                (best.get(b.offer.group) ?? 0) - (best.get(a.offer.group) ?? 0) || groups.indexOf(a.offer.group) - groups.indexOf(b.offer.group) || b.fits - a.fits,
        )
        .map(one => one.offer);
}
