import { expect, test } from 'vitest';
import { freezeState, freezeWords, stepFault, whole } from './delivery';

test('weights never fall', () => {
    const steps = [{ weight: 5, seconds: 1 }, { weight: 50, seconds: 1 }, { weight: 25, seconds: 1 }];
    expect(stepFault(steps, 1)).toBeNull();
    expect(stepFault(steps, 2)).toBe('Weights never fall.');
    expect(stepFault([{ weight: 101, seconds: 0 }], 0)).toBe('Between 0 and 100.');
});

test('a freeze over midnight says so', () => {
    expect(freezeWords({ weekly: { days: ['fri'], from: '16:00', to: '08:00' }, timezone: 'Europe/Berlin', reason: '', from: null, to: null })).toBe('Every Friday from 16:00 to 08:00 of the next day (Europe/Berlin)');
    expect(freezeWords({ from: '2026-12-24T12:00', to: '2027-01-02T08:00', timezone: 'UTC', reason: '', weekly: null })).toBe('From 2026-12-24 12:00 to 2027-01-02 08:00 (UTC)');
});

test('what is not said is the default', () => {
    expect(whole({}).keep_seconds).toBe(3600);
    expect(whole({ strategy: 'canary' }).strategy).toBe('canary');
});

test('a window is open by the clock of its own time zone', () => {
    const span = { from: '2026-12-24T12:00', to: '2027-01-02T08:00', timezone: 'Europe/Berlin', reason: '', weekly: null };
    expect(freezeState(span, new Date('2026-12-24T10:59:00Z'))).toBe('to come');
    expect(freezeState(span, new Date('2026-12-24T11:00:00Z'))).toBe('now');
    expect(freezeState(span, new Date('2027-01-02T07:00:00Z'))).toBe('over');
    // 2026-11-20 is a Friday.
    const weekly = { weekly: { days: ['fri'], from: '16:00', to: '08:00' }, timezone: 'UTC', reason: '', from: null, to: null } as Parameters<typeof freezeState>[0];
    expect(freezeState(weekly, new Date('2026-11-20T15:59:00Z'))).toBe('to come');
    expect(freezeState(weekly, new Date('2026-11-20T16:00:00Z'))).toBe('now');
    expect(freezeState(weekly, new Date('2026-11-21T07:59:00Z'))).toBe('now');
    expect(freezeState(weekly, new Date('2026-11-21T08:00:00Z'))).toBe('to come');
});
