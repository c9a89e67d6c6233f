import { useMemo } from 'react';
import { Color, DoubleSide, Shape, ShapeGeometry } from 'three';
import type { Tints } from '../tones';
import type { Lane } from './space';

const CORNER = 0.5;

function plate(width: number, depth: number): ShapeGeometry {
    const [x, y, r] = [width / 2, depth / 2, CORNER];
    const shape = new Shape();
    shape.moveTo(-x + r, -y).lineTo(x - r, -y).quadraticCurveTo(x, -y, x, -y + r).lineTo(x, y - r).quadraticCurveTo(x, y, x - r, y);
    shape.lineTo(-x + r, y).quadraticCurveTo(-x, y, -x, y - r).lineTo(-x, -y + r).quadraticCurveTo(-x, -y, -x + r, -y);
    return new ShapeGeometry(shape, 8);
}

const VERTEX = 'varying vec2 at; void main() { at = position.xy; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }';

// Thin lines a unit apart, which fade out before the ground ends.
const FRAGMENT = `
varying vec2 at; uniform vec3 ink; uniform float reach;
void main() {
    vec2 off = abs(fract(at - 0.5) - 0.5) / fwidth(at);
    float line = 1.0 - min(min(off.x, off.y), 1.0);
    gl_FragColor = vec4(ink, line * 0.3 * (1.0 - smoothstep(reach * 0.35, reach, length(at))));
}`;

// The ground, and a plate for each column of the way.
export function Ground({ lanes, reach, tints }: { lanes: Lane[]; reach: number; tints: Tints }) {
    const uniforms = useMemo(() => ({ ink: { value: new Color(tints.grid) }, reach: { value: reach } }), [tints.grid, reach]);
    const plates = useMemo(() => lanes.map(lane => ({ lane, shape: plate(lane.width, lane.depth), rim: plate(lane.width + 0.06, lane.depth + 0.06) })), [lanes]);
    return (
        <group rotation={[-Math.PI / 2, 0, 0]}>
            <mesh position={[0, 0, -0.03]} renderOrder={-4} key={`${tints.grid}${reach}`}>
                <planeGeometry args={[reach * 2, reach * 2]} />
                <shaderMaterial vertexShader={VERTEX} fragmentShader={FRAGMENT} uniforms={uniforms} transparent depthWrite={false} side={DoubleSide} />
            </mesh>
            {plates.map(({ lane, shape, rim }) => (
                <group key={lane.column} position={[lane.at.x, -lane.at.z, 0]}>
                    <mesh geometry={rim} position={[0, 0, -0.02]} renderOrder={-3}>
                        <meshBasicMaterial color={tints.rim} transparent opacity={0.9} depthWrite={false} />
                    </mesh>
                    <mesh geometry={shape} position={[0, 0, -0.01]} renderOrder={-2}>
                        <meshBasicMaterial color={tints.plate} transparent opacity={0.92} depthWrite={false} />
                    </mesh>
                </group>
            ))}
        </group>
    );
}
