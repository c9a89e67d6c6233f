import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { batched } from './batch';
import type { Message } from './socket';
import { looked, subjects, touched } from './subjects';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('fifty messages a second are one question a second', () => {
    const work = vi.fn();
    const again = batched<number>(work);
    for (let n = 0; n < 500; n += 1) {
        again.add(n);
        vi.advanceTimersByTime(20);
    }
    vi.advanceTimersByTime(2000);
    expect(work.mock.calls.length).toBeGreaterThanOrEqual(9);
    expect(work.mock.calls.length).toBeLessThanOrEqual(12);
    const all = work.mock.calls.flatMap(([items]) => [...(items as Set<number>)]);
    expect(all).toEqual(Array.from({ length: 500 }, (_, n) => n));
});

test('a single message is answered at once', () => {
    const work = vi.fn();
    const again = batched<string>(work);
    again.add('a');
    vi.advanceTimersByTime(150);
    expect(work).toHaveBeenCalledExactlyOnceWith(new Set(['a']));
});

test('what was cleared is not done', () => {
    const work = vi.fn();
    const again = batched<string>(work);
    again.add('a');
    again.clear();
    vi.advanceTimersByTime(5000);
    expect(work).not.toHaveBeenCalled();
});

const changed = (what: string, project: string | null = 'prj_1'): Message => ({ type: 'changed', team: 't', project, what, id: 'x', at: '' });
const query = (path: string, deployment?: string) => ({ queryKey: ['get', path, { params: { path: { deployment } } }] });

test('a variable touches variables', () => {
    const prefixes = new Set(subjects(changed('variable')));
    expect(touched(query('/v1/projects/{project}/env'), prefixes, new Set())).toBe(true);
    expect(touched(query('/v1/projects/{project}/domains'), prefixes, new Set())).toBe(false);
    expect(touched(query('/v1/teams/{team}/activity'), prefixes, new Set())).toBe(true);
});

test('something new touches everything of its project', () => {
    const prefixes = new Set(subjects(changed('something')));
    expect(touched(query('/v1/projects/{project}/domains'), prefixes, new Set())).toBe(true);
    expect(touched(query('/v1/me'), prefixes, new Set())).toBe(false);
});

test('a deployment touches itself and every list, not another deployment', () => {
    const prefixes = new Set(subjects({ type: 'deployment', deployment: { id: 'dpl_1', project: 'p' } }));
    const told = new Set(['dpl_1']);
    expect(touched(query('/v1/deployments/{deployment}', 'dpl_1'), prefixes, told)).toBe(true);
    expect(touched(query('/v1/deployments/{deployment}', 'dpl_2'), prefixes, told)).toBe(false);
    expect(touched(query('/v1/projects/{project}/deployments'), prefixes, told)).toBe(true);
});

test('a look of the judge touches its rollout alone', () => {
    const of = (rollout?: string) => ({ queryKey: ['get', '/v1/projects/{project}/rollouts/{rollout}/looks', { params: { path: { project: 'p', rollout } } }] });
    expect(subjects(changed('look'))).toEqual([]);
    expect(looked(of('rol_1'), new Set(['rol_1']))).toBe(true);
    expect(looked(of('rol_2'), new Set(['rol_1']))).toBe(false);
    expect(looked(query('/v1/projects/{project}/rollouts'), new Set(['rol_1']))).toBe(false);
    expect(looked({ queryKey: ['get', '/v1/me'] }, new Set(['rol_1']))).toBe(false);
});

test('logs and answers touch nothing', () => {
    expect(subjects({ type: 'log', deployment: 'd', lines: [] })).toEqual([]);
    expect(subjects({ type: 'pong' })).toEqual([]);
});

test('any change of a team is news of its log; what is no team\'s, of the log of the installation', () => {
    const team = new Set(subjects(changed('variable')));
    expect(touched(query('/v1/teams/{team}/audit'), team, new Set())).toBe(true);
    expect(touched(query('/v1/admin/audit'), team, new Set())).toBe(false);
    const none = new Set(subjects({ type: 'changed', team: null, project: null, what: 'audit', id: 'installation', at: '' }));
    expect(touched(query('/v1/admin/audit'), none, new Set())).toBe(true);
    expect(touched(query('/v1/teams/{team}/audit'), none, new Set())).toBe(false);
});
