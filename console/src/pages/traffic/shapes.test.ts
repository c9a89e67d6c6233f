import { expect, test } from 'vitest';
import { errorRate, hitRatio } from './shapes';

const STATUS = { '2xx': 90, '3xx': 0, '4xx': 5, '5xx': 5 };

test('shares are of what there is, and unknown where there is nothing', () => {
    expect(hitRatio({ cache: { hit: 3, miss: 1 } })).toBe(0.75);
    expect(hitRatio({ cache: { hit: 0, miss: 0 } })).toBeNull();
    expect(errorRate({ status: STATUS, requests: 100 })).toBe(0.05);
    expect(errorRate({ status: STATUS, requests: 0 })).toBeNull();
});
