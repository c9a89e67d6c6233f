import { expect, test } from 'vitest';
import { errorRate, hitRatio, lone, stretch } from './shapes';

const STATUS = { '2xx': 90, '3xx': 0, '4xx': 5, '5xx': 5 };

test('shares are of what there is, and unknown where there is nothing', () => {
    expect(hitRatio({ cache: { hit: 3, miss: 1 } })).toBe(0.75);
    expect(hitRatio({ cache: { hit: 0, miss: 0 } })).toBeNull();
    expect(errorRate({ status: STATUS, requests: 100 })).toBe(0.05);
    expect(errorRate({ status: STATUS, requests: 0 })).toBeNull();
});

test('a value is alone when there is none before and none after it', () => {
    const rows = [{ a: 1 }, { a: null }, { a: 2 }, { a: 3 }];
    expect(rows.map((_, index) => lone(rows, 'a', index))).toEqual([true, false, false, false]);
    expect(lone([{ a: 0 }], 'a', 0)).toBe(true);
});

test('a step is said from when to when, a day by its date', () => {
    expect(stretch('2026-11-22T10:00:00', 3600)).toBe('Sun 22 Nov, 10:00 to 11:00');
    expect(stretch('2026-11-22T00:00:00', 86_400)).toBe('Sun 22 Nov');
});
