import { useFrame } from '@react-three/fiber';
import { useMemo, type RefObject } from 'react';
import { Vector3 } from 'three';

export interface Mark {
    id: string;
    at: Vector3;
}

// Moves the names, which are elements above the picture, to where in it they belong: sharp at any distance, and in reach of the keyboard.
export function Names({ marks, labels }: { marks: Mark[]; labels: RefObject<Map<string, HTMLElement>> }) {
    const point = useMemo(() => new Vector3(), []);
    useFrame(({ camera, size }) => {
        for (const { id, at } of marks) {
            const label = labels.current.get(id);
            if (label) {
                point.copy(at).project(camera);
                label.style.transform = `translate(-50%, 0) translate(${(((point.x + 1) / 2) * size.width).toFixed(1)}px, ${(((1 - point.y) / 2) * size.height).toFixed(1)}px)`;
                label.style.visibility = point.z > 1 ? 'hidden' : 'visible';
            }
        }
    });
    return null;
}
