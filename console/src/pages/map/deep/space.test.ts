import { expect, test } from 'vitest';
import { Vector3 } from 'three';
import type { Graph } from '../graph';
import { placed } from '../layout';
import { curve, spaceOf } from './space';

const graph = (rows: number): Graph => ({
    nodes: [
        { id: 'visitors', kind: 'visitors', label: '', detail: '', tone: 'idle', column: 0 },
        ...Array.from({ length: rows }, (_, n) => ({ id: `p${n}`, kind: 'project' as const, label: '', detail: '', tone: 'good' as const, column: 3 })),
        { id: 'store', kind: 'store', label: '', detail: '', tone: 'good', column: 4 },
        { id: 'api', kind: 'backend', label: '', detail: '', tone: 'good', column: 4 },
    ],
    links: [],
});

test.each([false, true])('nothing stands in anything else, and all of it in the picture, upright: %s', upright => {
    for (const rows of [1, 4, 24]) {
        const { spots, half } = spaceOf(placed(graph(rows)), upright);
        const all = [...spots.values()];
        for (const [index, spot] of all.entries()) {
            expect(Math.abs(spot.x)).toBeLessThanOrEqual(half.x);
            expect(Math.abs(spot.z)).toBeLessThanOrEqual(half.z);
            for (const other of all.slice(index + 1)) {
                expect(spot.distanceTo(other)).toBeGreaterThan(1.2);
            }
        }
    }
});

test('a lane says what stands on it', () => {
    expect(spaceOf(placed(graph(2)), false).lanes.map(lane => lane.heading)).toEqual(['Visitors', 'Projects', 'Files and backends']);
});

test('a way begins and ends where it should, and rises between', () => {
    const [from, to] = [new Vector3(0, 0.6, 0), new Vector3(4, 0.6, 2)];
    const way = curve(from, to, false);
    expect(way.getPoint(0).distanceTo(from)).toBeCloseTo(0);
    expect(way.getPoint(1).distanceTo(to)).toBeCloseTo(0);
    expect(way.getPoint(0.5).y).toBeGreaterThan(0.6);
});
