import { useMediaQuery } from '@mantine/hooks';
import { Canvas, useFrame, useThree } from '@react-three/fiber';
import { useEffect, useMemo, useRef, type RefObject } from 'react';
import { BufferGeometry, CubicBezierCurve3, InstancedMesh, Line, LineBasicMaterial, Object3D, TubeGeometry, Vector3 } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { Graph, Kind, Link } from './graph';
import classes from './Deep.module.css';
import { placed, type Placed } from './layout';
import { colour, quiet } from './tones';

// The map in three dimensions: columns stand one behind the other in the light, and what is asked for flows between them.

const COLUMN = 3.4;
const ROW = 1.9;
const MOST_DROPS = 600;

type Spots = Map<string, Vector3>;

// On a phone the way leads down instead of to the right.
function spotsOf(nodes: Placed[], upright: boolean): Spots {
    const depth = (node: Placed) => Math.sin(node.y * 1.3) * 0.7;
    return new Map(
        nodes.map(node => [node.id, upright ? new Vector3(node.y * ROW * 1.25, -node.x * COLUMN * 0.72, depth(node)) : new Vector3(node.x * COLUMN, -node.y * ROW, depth(node))]),
    );
}

function curve(from: Vector3, to: Vector3, upright: boolean): CubicBezierCurve3 {
    const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
    const bends = upright ? [new Vector3(from.x, y, from.z), new Vector3(to.x, y, to.z)] : [new Vector3(x, from.y, from.z), new Vector3(x, to.y, to.z)];
    return new CubicBezierCurve3(from, bends[0], bends[1], to);
}

// Each kind has a body of its own, so that the picture reads without names and without colours.
function Body({ kind }: { kind: Kind }) {
    switch (kind) {
        case 'visitors':
            return <icosahedronGeometry args={[0.5, 0]} />;
        case 'edge':
            return <torusGeometry args={[0.48, 0.17, 16, 40]} />;
        case 'host':
            return <sphereGeometry args={[0.34, 28, 20]} />;
        case 'rules':
            return <octahedronGeometry args={[0.46, 0]} />;
        case 'backend':
            return <cylinderGeometry args={[0.36, 0.36, 0.6, 6]} />;
        case 'store':
            return <cylinderGeometry args={[0.55, 0.55, 0.5, 32]} />;
        default:
            return <boxGeometry args={[0.62, 0.62, 0.62]} />;
    }
}

const HALF_VIEW = Math.tan((45 / 2) * (Math.PI / 180));

// As near as all of it is still seen, from a little above and aside.
function Controls({ still, width, height }: { still: boolean; width: number; height: number }) {
    const { camera, gl, size } = useThree();
    const aspect = size.width / size.height;
    const distance = Math.max((width / 2 + 1.6) / (HALF_VIEW * aspect), (height / 2 + 1.6) / HALF_VIEW);
    useEffect(() => {
        camera.position.set(-distance * 0.12, distance * 0.22, distance * 0.98);
        camera.lookAt(0, 0, 0);
    }, [camera, distance]);
    const controls = useRef<OrbitControls>(undefined);
    useEffect(() => {
        const made = new OrbitControls(camera, gl.domElement);
        made.enableDamping = !still;
        made.enableZoom = true;
        made.minDistance = 5;
        made.maxDistance = 90;
        made.maxPolarAngle = Math.PI * 0.8;
        controls.current = made;
        return () => made.dispose();
    }, [camera, gl, still]);
    useFrame(() => controls.current?.update());
    return null;
}

interface Way {
    key: string;
    tint: string;
    line?: Line;
    tube?: TubeGeometry;
}

function Ways({ graph, spots, upright }: { graph: Graph; spots: Spots; upright: boolean }) {
    const ways = useMemo(
        () =>
            graph.links.flatMap((link): Way[] => {
                const [from, to] = [spots.get(link.from), spots.get(link.to)];
                if (!from || !to) {
                    return [];
                }
                const path = curve(from, to, upright);
                const tint = link.broken ? colour('bad') : link.perMinute ? colour('live') : quiet();
                if (link.broken) {
                    const line = new Line(new BufferGeometry().setFromPoints(path.getPoints(30)), new LineBasicMaterial({ color: tint, transparent: true, opacity: 0.6 }));
                    return [{ key: `${link.from}>${link.to}`, line, tint }];
                }
                return [{ key: `${link.from}>${link.to}`, tube: new TubeGeometry(path, 32, 0.02 + link.share * 0.06, 6), tint }];
            }),
        [graph, spots, upright],
    );
    return (
        <>
            {ways.map(({ key, line, tube, tint }) =>
                line ? (
                    <primitive key={key} object={line} />
                ) : (
                    <mesh key={key} geometry={tube}>
                        <meshStandardMaterial color={tint} transparent opacity={0.55} />
                    </mesh>
                ),
            )}
        </>
    );
}

// A drop for some of the requests: more and faster, the more there is to carry. One mesh draws all of them.
function Drops({ links, spots, upright }: { links: Link[]; spots: Spots; upright: boolean }) {
    const mesh = useRef<InstancedMesh>(null);
    const drops = useMemo(() => {
        const found: { path: CubicBezierCurve3; speed: number; start: number }[] = [];
        for (const link of links) {
            const [from, to] = [spots.get(link.from), spots.get(link.to)];
            if (!from || !to || link.broken || !link.perMinute) {
                continue;
            }
            const strength = Math.log10(1 + link.perMinute);
            const many = Math.min(24, 2 + Math.round(strength * 5));
            const path = curve(from, to, upright);
            for (let drop = 0; drop < many && found.length < MOST_DROPS; drop += 1) {
                found.push({ path, speed: 0.16 + strength * 0.09, start: (drop + Math.random() * 0.6) / many });
            }
        }
        return found;
    }, [links, spots, upright]);
    const carrier = useMemo(() => new Object3D(), []);
    useFrame(({ clock }) => {
        drops.forEach((drop, index) => {
            drop.path.getPoint((drop.start + clock.elapsedTime * drop.speed) % 1, carrier.position);
            carrier.updateMatrix();
            mesh.current?.setMatrixAt(index, carrier.matrix);
        });
        if (mesh.current) {
            mesh.current.instanceMatrix.needsUpdate = true;
        }
    });
    return drops.length ? (
        <instancedMesh ref={mesh} args={[undefined, undefined, drops.length]} key={drops.length} frustumCulled={false}>
            <sphereGeometry args={[0.075, 10, 8]} />
            <meshBasicMaterial color={colour('live')} />
        </instancedMesh>
    ) : null;
}

// Names are real buttons above the picture: sharp at any distance, and in reach of the keyboard and of readers.
function Names({ spots, labels }: { spots: Spots; labels: RefObject<Map<string, HTMLButtonElement>> }) {
    const point = useMemo(() => new Vector3(), []);
    useFrame(({ camera, size }) => {
        for (const [id, spot] of spots) {
            const label = labels.current.get(id);
            if (!label) {
                continue;
            }
            point.copy(spot).y -= 0.62;
            point.project(camera);
            label.style.transform = `translate(-50%, 0) translate(${((point.x + 1) / 2) * size.width}px, ${((1 - point.y) / 2) * size.height}px)`;
            label.style.visibility = point.z > 1 ? 'hidden' : 'visible';
        }
    });
    return null;
}

function Bodies({ nodes, spots, chosen, onChoose }: { nodes: Placed[]; spots: Spots; chosen: string | undefined; onChoose: (id: string) => void }) {
    return (
        <>
            {nodes.map(node => (
                <mesh key={node.id} position={spots.get(node.id)} scale={node.id === chosen ? 1.25 : 1} onClick={() => onChoose(node.id)} rotation={node.kind === 'edge' ? [0, Math.PI / 2, 0] : [0.2, 0.5, 0]}>
                    <Body kind={node.kind} />
                    <meshStandardMaterial color={colour(node.tone)} emissive={colour(node.tone)} emissiveIntensity={node.id === chosen ? 0.7 : 0.35} roughness={0.35} metalness={0.15} />
                </mesh>
            ))}
        </>
    );
}

export function Deep({ graph, chosen, onChoose, still }: { graph: Graph; chosen: string | undefined; onChoose: (id: string) => void; still: boolean }) {
    const layout = useMemo(() => placed(graph), [graph]);
    const nodes = useMemo(() => [...layout.nodes.values()], [layout]);
    const upright = useMediaQuery('(max-width: 40em)') ?? false;
    const spots = useMemo(() => spotsOf(nodes, upright), [nodes, upright]);
    const [along, across] = [(layout.columns - 1) * COLUMN, (layout.rows - 1) * ROW];
    const labels = useRef(new Map<string, HTMLButtonElement>());
    return (
        <div className={classes.stage}>
            <Canvas camera={{ fov: 45, far: 300 }} dpr={[1, 2]} frameloop={still ? 'demand' : 'always'} aria-hidden="true">
                <ambientLight intensity={1.1} />
                <directionalLight position={[6, 10, 8]} intensity={1.6} />
                <Controls still={still} width={upright ? across * 1.25 : along} height={upright ? along * 0.72 : across} />
                <Ways graph={graph} spots={spots} upright={upright} />
                {!still && <Drops links={graph.links} spots={spots} upright={upright} />}
                <Bodies nodes={nodes} spots={spots} chosen={chosen} onChoose={onChoose} />
                <Names spots={spots} labels={labels} />
            </Canvas>
            <div className={classes.names} data-drawn>
                {nodes.map(node => (
                    <button
                        key={node.id}
                        type="button"
                        className={classes.name}
                        aria-pressed={node.id === chosen}
                        aria-label={`${node.label}: ${node.detail}`}
                        onClick={() => onChoose(node.id)}
                        ref={found => {
                            if (found) {
                                labels.current.set(node.id, found);
                            } else {
                                labels.current.delete(node.id);
                            }
                        }}
                    >
                        {node.label}
                    </button>
                ))}
            </div>
        </div>
    );
}
