import { CubicBezierCurve3, Vector3 } from 'three';
import type { Kind } from '../graph';
import type { Layout, Placed } from '../layout';

// Where everything stands in the scene. The columns of the way lie on the ground from left to right, on a phone from the
// back to the front; one unit is about the size of a node.

const COLUMN = 4.2;
const ROW = 3.1;
const CROWD = 9; // rows from which a column stands in two lines
const LANE = 2.1;
export const HEIGHT = 0.62;

export interface Lane {
    column: number;
    heading: string;
    at: Vector3;
    width: number;
    depth: number;
    front: Vector3; // where its heading stands
}

export interface Space {
    spots: Map<string, Vector3>;
    lanes: Lane[];
    half: Vector3;
    upright: boolean;
}

const HEADINGS: Record<Kind, string> = {
    visitors: 'Visitors', edge: 'Edge', host: 'Addresses', rules: 'Rules', deployment: 'Versions', project: 'Projects', store: 'Files', backend: 'Backends',
};

function heading(nodes: Placed[]): string {
    const kinds = [...new Set(nodes.map(node => node.kind))];
    return kinds.map((kind, index) => (index ? HEADINGS[kind].toLowerCase() : HEADINGS[kind])).join(' and ');
}

export function spaceOf(layout: Layout, upright: boolean): Space {
    const nodes = [...layout.nodes.values()];
    const crowded = layout.rows > CROWD;
    const row = crowded ? ROW * 0.62 : ROW;
    const aside = (node: Placed) => (crowded && nodes.filter(one => one.x === node.x).length > CROWD ? (Math.floor(node.y + 1000) % 2 ? 0.62 : -0.62) : 0);
    const place = (x: number, y: number) => (upright ? new Vector3(y * row * 0.95, 0, x * COLUMN * 0.95) : new Vector3(x * COLUMN, 0, y * row));
    const spots = new Map(nodes.map(node => [node.id, place(node.x + aside(node) / COLUMN, node.y).setY(HEIGHT)]));
    const long = Math.max(layout.rows, 2) * row + 0.9;
    const wide = crowded ? LANE + 1 : LANE;
    const lanes = [...new Set(nodes.map(node => node.x))].map(x => {
        const at = place(x, 0);
        const [width, depth] = upright ? [long, wide] : [wide, long];
        const front = at.clone().add(upright ? new Vector3(-width / 2, 0, -depth / 2 - 0.35) : new Vector3(0, 0, depth / 2));
        return { column: x, heading: heading(nodes.filter(node => node.x === x)), at, width, depth, front };
    });
    const [along, across] = [((layout.columns - 1) * COLUMN * (upright ? 0.95 : 1) + wide) / 2, long / 2];
    return { spots, lanes, upright, half: upright ? new Vector3(across, HEIGHT, along) : new Vector3(along, HEIGHT, across) };
}

// A way leaves upwards in the direction it goes, and arrives from above.
export function curve(from: Vector3, to: Vector3, upright: boolean): CubicBezierCurve3 {
    const away = from.distanceTo(to);
    const lift = 0.15 + away * 0.09;
    const bend = (near: Vector3, far: Vector3) =>
        upright ? new Vector3(near.x, near.y + lift, near.z + (far.z - near.z) * 0.45) : new Vector3(near.x + (far.x - near.x) * 0.45, near.y + lift, near.z);
    return new CubicBezierCurve3(from.clone(), bend(from, to), bend(to, from), to.clone());
}
