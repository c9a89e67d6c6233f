import { useFrame, useThree } from '@react-three/fiber';
import { useCallback, useEffect, useMemo, useRef, type RefObject } from 'react';
import { Vector3 } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { Space } from './space';

// What the buttons beside the picture can do with it.
export interface Moves {
    closer: (by: number) => void;
    turn: (by: number) => void;
    back: () => void;
}

export const FIELD = 32;
const TAN = Math.tan((FIELD / 2) * (Math.PI / 180));
const ROOM = new Vector3(0.7, 0.2, 1.1); // for names

// From where all of it is seen: from above and a little aside, as near as it fits.
function seat({ half, upright }: Space, aspect: number): Vector3 {
    const toward = (upright ? new Vector3(0, 1, 0.62) : new Vector3(-0.1, 1.3, 1)).normalize();
    const right = new Vector3(0, 1, 0).cross(toward).normalize();
    const up = toward.clone().cross(right);
    const size = half.clone().add(ROOM);
    const reach = (way: Vector3) => Math.abs(way.x) * size.x + Math.abs(way.y) * size.y + Math.abs(way.z) * size.z;
    const distance = Math.max(reach(right) / (TAN * aspect), reach(up) / TAN) + reach(toward) * 0.4;
    return toward.multiplyScalar(distance);
}

export function Camera({ space, still, moves }: { space: Space; still: boolean; moves: RefObject<Moves | null> }) {
    const { camera, gl, size, invalidate } = useThree();
    const aspect = size.width / size.height;
    const { half, upright } = space;
    const start = useMemo(() => seat({ half, upright } as Space, aspect), [half.x, half.z, upright, aspect]);
    const controls = useRef<OrbitControls>(undefined);
    const goal = useRef<Vector3>(undefined);

    const go = useCallback(
        (to: Vector3) => {
            if (still) {
                camera.position.copy(to);
                controls.current?.update();
            } else {
                goal.current = to;
            }
            invalidate();
        },
        [camera, still, invalidate],
    );
    useEffect(() => {
        const made = new OrbitControls(camera, gl.domElement);
        made.enableDamping = !still;
        made.enablePan = false;
        made.minDistance = 6;
        made.maxDistance = 140;
        made.maxPolarAngle = Math.PI * 0.47;
        made.addEventListener('change', () => invalidate());
        made.addEventListener('start', () => (goal.current = undefined));
        // A finger that goes up or down scrolls the page; so does a wheel without Ctrl, which never arrives here.
        gl.domElement.style.touchAction = 'pan-y';
        const box = gl.domElement.parentElement;
        const scrolls = (event: WheelEvent) => {
            if (!event.ctrlKey && !event.metaKey) {
                event.stopPropagation();
            }
        };
        box?.addEventListener('wheel', scrolls, { capture: true });
        controls.current = made;
        return () => {
            box?.removeEventListener('wheel', scrolls, { capture: true });
            made.dispose();
        };
    }, [camera, gl, still, invalidate]);
    useEffect(() => {
        camera.position.copy(start);
        camera.lookAt(0, 0, 0);
        controls.current?.target.set(0, 0, 0);
        controls.current?.update();
        invalidate();
    }, [camera, start, invalidate]);
    useEffect(() => {
        moves.current = {
            closer: by => go((goal.current ?? camera.position).clone().multiplyScalar(by)),
            turn: by => go((goal.current ?? camera.position).clone().applyAxisAngle(new Vector3(0, 1, 0), by)),
            back: () => go(start.clone()),
        };
    }, [moves, camera, go, start]);
    useFrame((_, seconds) => {
        if (goal.current) {
            camera.position.lerp(goal.current, Math.min(1, seconds * 7));
            camera.lookAt(0, 0, 0);
            if (camera.position.distanceTo(goal.current) < 0.02) {
                goal.current = undefined;
            }
        }
        controls.current?.update();
    });
    return null;
}
