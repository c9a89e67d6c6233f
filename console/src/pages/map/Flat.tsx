import { useReducedMotion } from '@mantine/hooks';
import { Fragment } from 'react';
import type { Graph } from './graph';
import classes from './Flat.module.css';
import { bend, placed } from './layout';

const COLUMN = 205;
const ROW = 76;
const WIDTH = 168;
const HEIGHT = 50;
const MOST_DROPS = 4;

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

// How long a drop is on its way, in seconds, and how many are: more of them and faster, the more there is to carry.
function drops(perMinute: number): { seconds: number; many: number } {
    const speed = Math.log10(1 + perMinute);
    return { seconds: Math.max(1.2, 5 - speed), many: perMinute ? Math.min(MOST_DROPS, 1 + Math.floor(speed)) : 0 };
}

// The map in two dimensions: for screens without WebGL, for readers, and for whoever likes it better.
export function Flat({ graph, chosen, onChoose }: { graph: Graph; chosen: string | undefined; onChoose: (id: string) => void }) {
    const still = useReducedMotion();
    const { nodes, columns, rows } = placed(graph);
    const [width, height] = [columns * COLUMN, rows * ROW + 20];
    const at = (id: string) => {
        const node = nodes.get(id);
        return { x: (node?.x ?? 0) * COLUMN, y: (node?.y ?? 0) * ROW };
    };
    return (
        <div className={classes.scroll}>
            <svg className={classes.picture} viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`} role="group" aria-label="Map, from visitors on the left to files on the right">
                {graph.links.map(link => {
                    const [from, to] = [at(link.from), at(link.to)];
                    const way = bend({ x: from.x + WIDTH / 2, y: from.y }, { x: to.x - WIDTH / 2, y: to.y });
                    const { seconds, many } = drops(link.broken ? 0 : link.perMinute);
                    return (
                        <Fragment key={`${link.from}>${link.to}`}>
                            <path className={`${classes.way} ${link.broken ? classes.broken : many ? classes.flows : ''}`} strokeWidth={1.5 + link.share * 4} d={way} />
                            {!still &&
                                Array.from({ length: many }, (_, drop) => (
                                    <circle key={drop} r={3} className={classes.drop}>
                                        <animateMotion dur={`${seconds}s`} begin={`${(-seconds * drop) / many}s`} repeatCount="indefinite" path={way} />
                                    </circle>
                                ))}
                            {link.label && (
                                <text className={classes.share} x={to.x - WIDTH / 2 - 8} y={to.y - 7} textAnchor="end">
                                    {link.label}
                                </text>
                            )}
                        </Fragment>
                    );
                })}
                {[...nodes.values()].map(node => (
                    <g
                        key={node.id}
                        className={`${classes.node} ${node.id === chosen ? classes.chosen : ''}`}
                        transform={`translate(${node.x * COLUMN - WIDTH / 2} ${node.y * ROW - HEIGHT / 2})`}
                        role="button"
                        tabIndex={0}
                        aria-pressed={node.id === chosen}
                        aria-label={`${node.label}: ${node.detail}`}
                        onClick={() => onChoose(node.id)}
                        onKeyDown={event => {
                            if (event.key === 'Enter' || event.key === ' ') {
                                event.preventDefault();
                                onChoose(node.id);
                            }
                        }}
                    >
                        <rect className={classes.box} width={WIDTH} height={HEIGHT} rx={10} />
                        <circle cx={15} cy={HEIGHT / 2} r={4.5} className={classes[node.tone]} />
                        <text className={classes.label} x={28} y={21}>
                            {short(node.label, 21)}
                        </text>
                        <text className={classes.detail} x={28} y={37}>
                            {short(node.detail, 27)}
                        </text>
                    </g>
                ))}
            </svg>
        </div>
    );
}
