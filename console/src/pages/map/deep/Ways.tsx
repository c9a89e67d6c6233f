import { useFrame } from '@react-three/fiber';
import { useEffect, useMemo, useRef } from 'react';
import { BufferGeometry, Color, CubicBezierCurve3, InstancedMesh, Line, LineDashedMaterial, Object3D, TubeGeometry } from 'three';
import type { Graph, Link } from '../graph';
import { colour, type Tints } from '../tones';
import { curve, type Space } from './space';

const MOST_DROPS = 500;
const TAIL = 5; // parts of a drop, each smaller than the one before it
const TAIL_LENGTH = 0.022;

interface Way {
    key: string;
    link: Link;
    line?: Line;
    tube?: TubeGeometry;
}

export const pathOf = (link: Link, space: Space): CubicBezierCurve3 | undefined => {
    const [from, to] = [space.spots.get(link.from), space.spots.get(link.to)];
    return from && to ? curve(from, to, space.upright) : undefined;
};

// Where requests go: as wide as their share, in colour where somebody is on the way, and broken where nobody gets through.
export function Ways({ graph, space, chosen, tints }: { graph: Graph; space: Space; chosen: string | undefined; tints: Tints }) {
    const ways = useMemo(
        () =>
            graph.links.flatMap((link): Way[] => {
                const path = pathOf(link, space);
                const key = `${link.from}>${link.to}`;
                if (!path) {
                    return [];
                }
                if (link.broken) {
                    const material = new LineDashedMaterial({ color: colour('bad'), dashSize: 0.16, gapSize: 0.12 });
                    return [{ key, link, line: new Line(new BufferGeometry().setFromPoints(path.getPoints(40)), material).computeLineDistances() }];
                }
                return [{ key, link, tube: new TubeGeometry(path, 40, 0.022 + link.share * 0.07, 8) }];
            }),
        [graph, space],
    );
    useEffect(() => () => ways.forEach(way => (way.tube ?? way.line?.geometry)?.dispose()), [ways]);
    return ways.map(({ key, link, line, tube }) => {
        const aside = chosen !== undefined && link.from !== chosen && link.to !== chosen;
        const flows = link.perMinute > 0;
        return line ? (
            <primitive key={key} object={line} />
        ) : (
            <mesh key={key} geometry={tube}>
                <meshBasicMaterial color={flows ? tints.flow : tints.way} transparent opacity={(flows ? 0.5 : 0.6) * (aside ? 0.3 : 1)} depthWrite={false} />
            </mesh>
        );
    });
}

interface Drop {
    path: CubicBezierCurve3;
    speed: number;
    start: number;
    failed: boolean;
}

// A drop for some of the requests: more and faster, the more there is to carry, and red for as many as failed.
function dropsOf(graph: Graph, space: Space): Drop[] {
    const found: Drop[] = [];
    for (const link of graph.links) {
        const path = pathOf(link, space);
        if (!path || link.broken || !link.perMinute) {
            continue;
        }
        const target = graph.nodes.find(node => node.id === link.to);
        const bad = target?.perMinute ? (target.errors ?? 0) / target.perMinute : 0;
        const strength = Math.log10(1 + link.perMinute);
        const many = Math.min(12, 1 + Math.round(strength * 2.5));
        for (let drop = 0; drop < many && found.length < MOST_DROPS; drop += 1) {
            found.push({ path, speed: 0.14 + strength * 0.08, start: (drop + Math.random() * 0.6) / many, failed: drop < Math.round(bad * many) });
        }
    }
    return found;
}

export function Drops({ graph, space, tints }: { graph: Graph; space: Space; tints: Tints }) {
    const mesh = useRef<InstancedMesh>(null);
    const drops = useMemo(() => dropsOf(graph, space), [graph, space]);
    const carrier = useMemo(() => new Object3D(), []);
    const [good, bad] = useMemo(() => [new Color(tints.drop), new Color(colour('bad'))], [tints.drop]);
    useEffect(() => {
        drops.forEach((drop, index) => {
            for (let part = 0; part < TAIL; part += 1) {
                mesh.current?.setColorAt(index * TAIL + part, drop.failed ? bad : good);
            }
        });
        if (mesh.current?.instanceColor) {
            mesh.current.instanceColor.needsUpdate = true;
        }
    }, [drops, good, bad]);
    useFrame(({ clock }) => {
        if (!mesh.current) {
            return;
        }
        for (const [index, drop] of drops.entries()) {
            const head = (drop.start + clock.elapsedTime * drop.speed) % 1;
            for (let part = 0; part < TAIL; part += 1) {
                const at = head - part * TAIL_LENGTH;
                drop.path.getPoint(Math.max(at, 0), carrier.position);
                carrier.scale.setScalar(at < 0 ? 0 : 1 - part / TAIL);
                carrier.updateMatrix();
                mesh.current.setMatrixAt(index * TAIL + part, carrier.matrix);
            }
        }
        mesh.current.instanceMatrix.needsUpdate = true;
    });
    return drops.length ? (
        <instancedMesh ref={mesh} args={[undefined, undefined, drops.length * TAIL]} key={drops.length} frustumCulled={false}>
            <sphereGeometry args={[0.1, 10, 8]} />
            <meshBasicMaterial transparent opacity={0.95} />
        </instancedMesh>
    ) : null;
}
