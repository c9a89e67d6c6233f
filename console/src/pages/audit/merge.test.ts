import { expect, test } from 'vitest';
import { merged } from './merge';
import type { Entry } from './source';

const entries = (...numbers: number[]) => numbers.map(sequence => ({ sequence }) as Entry);
const numbers = (list: Entry[] | undefined) => list?.map(entry => entry.sequence);

test('what is new stands before what was read, once', () => {
    expect(numbers(merged(entries(3, 2, 1), entries(5, 4, 3, 2), false))).toEqual([5, 4, 3, 2, 1]);
});

test('nothing new changes nothing', () => {
    expect(numbers(merged(entries(3, 2), entries(3, 2), false))).toEqual([3, 2]);
});

test('more news than a page is a gap, unless they are all there are', () => {
    expect(merged(entries(3), entries(9, 8), false)).toBeUndefined();
    expect(numbers(merged([], entries(2, 1), true))).toEqual([2, 1]);
});
