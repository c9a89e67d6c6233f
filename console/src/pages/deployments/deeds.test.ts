import { describe, expect, it } from 'vitest';
import { deeds, titleOf, type Deployment } from './deeds';

const ready = { state: 'ready', target: 'production', source: 'git', trust: 'trusted', live: false, removed_at: null, message: '', branch: 'main', tag: '', commit: 'a8df541f55125f73' } as Deployment;
const all = () => true;

describe('what can be done with a deployment', () => {
    it('goes live when it is ready and is not yet', () => {
        expect(deeds(ready, all)).toEqual(['promote', 'rollback', 'redeploy', 'share']);
        expect(deeds({ ...ready, live: true }, all)).toEqual(['redeploy', 'share']);
    });

    it('never goes live when nobody trusts it, or when it is gone', () => {
        expect(deeds({ ...ready, trust: 'untrusted' }, all)).not.toContain('promote');
        expect(deeds({ ...ready, removed_at: '2026-11-22T00:00:00.000Z' }, all)).toEqual(['redeploy']);
    });

    it('is cancelled only on its way', () => {
        expect(deeds({ ...ready, state: 'building' }, all)).toEqual(['cancel']);
    });

    it('is nothing for those who may only look', () => {
        expect(deeds(ready, () => false)).toEqual([]);
    });

    it('is called by its message, else by its commit', () => {
        expect(titleOf({ ...ready, message: 'Fix the cart\n\nlong' })).toBe('Fix the cart');
        expect(titleOf(ready)).toBe('main at a8df541');
    });
});
