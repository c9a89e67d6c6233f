import type { Graph, Node } from './graph';

// Where every node stands: columns from left to right in the order of the way, in each the nodes one below the other.
// `x` and `y` count from the middle of the picture, in columns and rows.

export interface Placed extends Node {
    x: number;
    y: number;
}

export interface Layout {
    nodes: Map<string, Placed>;
    columns: number;
    rows: number;
}

export function placed({ nodes, links }: Graph): Layout {
    const columns = [...new Set(nodes.map(node => node.column))].sort((a, b) => a - b);
    const found = new Map<string, Placed>();
    let rows = 1;
    for (const [x, column] of columns.entries()) {
        const here = nodes.filter(node => node.column === column);
        // Beside what leads to it: fewer ways cross.
        const pull = (node: Node): number => {
            const from = links.filter(link => link.to === node.id).map(link => found.get(link.from)?.y ?? 0);
            return from.length ? from.reduce((sum, y) => sum + y, 0) / from.length : 0;
        };
        const order = here.map((node, index) => ({ node, index, pull: pull(node) })).sort((a, b) => a.pull - b.pull || a.index - b.index);
        rows = Math.max(rows, order.length);
        for (const [index, { node }] of order.entries()) {
            found.set(node.id, { ...node, x: x - (columns.length - 1) / 2, y: index - (order.length - 1) / 2 });
        }
    }
    return { nodes: found, columns: columns.length, rows };
}

// A way bends gently out of one column and into the next.
export function bend(from: { x: number; y: number }, to: { x: number; y: number }): string {
    const middle = (from.x + to.x) / 2;
    return `M${from.x},${from.y} C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`;
}
