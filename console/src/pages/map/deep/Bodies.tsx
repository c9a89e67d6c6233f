import { useFrame } from '@react-three/fiber';
import { useMemo, useRef } from 'react';
import { AdditiveBlending, CanvasTexture, Group, NormalBlending } from 'three';
import type { Kind } from '../graph';
import type { Placed } from '../layout';
import { colour, type Tints } from '../tones';
import { HEIGHT, type Space } from './space';

// A soft round spot, for shadows and for light.
function spot(): CanvasTexture {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 128;
    const pen = canvas.getContext('2d');
    if (pen) {
        const fade = pen.createRadialGradient(64, 64, 0, 64, 64, 64);
        fade.addColorStop(0, 'rgba(255,255,255,1)');
        fade.addColorStop(0.5, 'rgba(255,255,255,0.35)');
        fade.addColorStop(1, 'rgba(255,255,255,0)');
        pen.fillStyle = fade;
        pen.fillRect(0, 0, 128, 128);
    }
    return new CanvasTexture(canvas);
}

function Skin({ tint, lit, wire = false }: { tint: string; lit: boolean; wire?: boolean }) {
    return <meshStandardMaterial color={tint} emissive={tint} emissiveIntensity={lit ? 0.75 : 0.28} roughness={0.32} metalness={0.2} wireframe={wire} />;
}

// Each kind has a body of its own, so that the picture reads without names and without colours.
function Body({ kind, tint, lit }: { kind: Kind; tint: string; lit: boolean }) {
    const skin = <Skin tint={tint} lit={lit} />;
    switch (kind) {
        case 'visitors':
            return (
                <>
                    <mesh><icosahedronGeometry args={[0.3, 1]} />{skin}</mesh>
                    <mesh><icosahedronGeometry args={[0.56, 1]} /><Skin tint={tint} lit={lit} wire /></mesh>
                </>
            );
        case 'edge':
            return (
                <>
                    <mesh rotation={[Math.PI / 2, 0, 0]}><torusGeometry args={[0.58, 0.1, 16, 48]} />{skin}</mesh>
                    <mesh rotation={[0, Math.PI / 2, 0]}><torusGeometry args={[0.58, 0.05, 12, 48]} />{skin}</mesh>
                    <mesh><sphereGeometry args={[0.3, 28, 20]} />{skin}</mesh>
                </>
            );
        case 'host':
            return <mesh><sphereGeometry args={[0.4, 32, 24]} />{skin}</mesh>;
        case 'rules':
            return <mesh><octahedronGeometry args={[0.52, 0]} />{skin}</mesh>;
        case 'backend':
            return <mesh><cylinderGeometry args={[0.42, 0.42, 0.75, 6]} />{skin}</mesh>;
        case 'store':
            return (
                <>
                    {[-0.34, 0, 0.34].map(y => (
                        <mesh key={y} position={[0, y, 0]}><cylinderGeometry args={[0.62, 0.62, 0.24, 40]} />{skin}</mesh>
                    ))}
                </>
            );
        default:
            return (
                <>
                    <mesh><boxGeometry args={[0.78, 0.78, 0.78]} />{skin}</mesh>
                    <mesh scale={1.02}><boxGeometry args={[0.78, 0.1, 0.78]} /><meshStandardMaterial color="#ffffff" transparent opacity={0.55} /></mesh>
                </>
            );
    }
}

const TURNS = new Set<Kind>(['visitors', 'edge', 'rules']);

function One({ node, at, lit, still, tints, light, onChoose }: { node: Placed; at: { x: number; z: number }; lit: boolean; still: boolean; tints: Tints; light: CanvasTexture; onChoose: () => void }) {
    const body = useRef<Group>(null);
    const busy = Boolean(node.perMinute);
    useFrame(({ clock }) => {
        if (body.current && !still) {
            // Each in its own time, so that they do not bob as one.
            body.current.position.y = Math.sin(clock.elapsedTime * 1.1 + at.x * 1.7 + at.z) * 0.045;
            body.current.rotation.y = TURNS.has(node.kind) ? clock.elapsedTime * 0.35 : 0.5;
        }
    });
    const tint = colour(node.tone);
    const calls = node.tone === 'bad' || node.tone === 'live' || busy || lit;
    return (
        <group position={[at.x, 0, at.z]}>
            <mesh rotation={[-Math.PI / 2, 0, 0]} position={[0, 0.01, 0.05]} renderOrder={-1}>
                <planeGeometry args={[1.7, 1.7]} />
                <meshBasicMaterial map={light} color="#000000" transparent opacity={tints.shade} depthWrite={false} />
            </mesh>
            {calls && (
                <mesh rotation={[-Math.PI / 2, 0, 0]} position={[0, 0.02, 0]} renderOrder={-1}>
                    <planeGeometry args={[3, 3]} />
                    <meshBasicMaterial map={light} color={tint} transparent opacity={tints.glow * (lit ? 1.6 : 1)} depthWrite={false} blending={tints.glow > 0.4 ? AdditiveBlending : NormalBlending} />
                </mesh>
            )}
            {lit && (
                <mesh rotation={[-Math.PI / 2, 0, 0]} position={[0, 0.03, 0]}>
                    <ringGeometry args={[0.82, 0.9, 48]} />
                    <meshBasicMaterial color={tint} transparent opacity={0.9} />
                </mesh>
            )}
            <group position={[0, HEIGHT, 0]} scale={lit ? 1.16 : 1} onClick={onChoose}>
                <group ref={body} rotation={[0, 0.5, 0]}>
                    <Body kind={node.kind} tint={tint} lit={lit} />
                </group>
            </group>
        </group>
    );
}

export function Bodies({ nodes, space, chosen, still, tints, onChoose }: { nodes: Placed[]; space: Space; chosen: string | undefined; still: boolean; tints: Tints; onChoose: (id: string) => void }) {
    const light = useMemo(spot, []);
    return nodes.map(node => {
        const at = space.spots.get(node.id);
        return at && <One key={node.id} node={node} at={at} lit={node.id === chosen} still={still} tints={tints} light={light} onChoose={() => onChoose(node.id)} />;
    });
}
