import { describe, expect, it, vi } from 'vitest';
import { place } from './places';

describe('places of pictures', () => {
    it('lets twelve load, and another when one is gone', () => {
        const goes = Array.from({ length: 15 }, () => vi.fn());
        const leave = goes.map(go => place(go));
        expect(goes.filter(go => go.mock.calls.length === 1)).toHaveLength(12);
        leave[0]?.();
        expect(goes[12]).toHaveBeenCalledOnce();
        leave[13]?.();
        leave[1]?.();
        expect(goes[13]).not.toHaveBeenCalled();
        expect(goes[14]).toHaveBeenCalledOnce();
        leave.forEach(end => end());
        const again = vi.fn();
        place(again)();
        expect(again).toHaveBeenCalledOnce();
    });

    it('gives a place back once, however often it is given back', () => {
        const first = place(() => undefined);
        first();
        first();
        const goes = Array.from({ length: 13 }, () => vi.fn());
        const leave = goes.map(go => place(go));
        expect(goes[12]).not.toHaveBeenCalled();
        leave.forEach(end => end());
    });
});
