import { ActionIcon, Tooltip, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Canvas } from '@react-three/fiber';
import { IconFocusCentered, IconMinus, IconPlus, IconRotate2, IconRotateClockwise2 } from '@tabler/icons-react';
import { useCallback, useMemo, useRef, type ReactNode } from 'react';
import { Vector3 } from 'three';
import { Bodies } from './deep/Bodies';
import { Camera, FIELD, type Moves } from './deep/Camera';
import { Ground } from './deep/Ground';
import { Names, type Mark } from './deep/Names';
import { spaceOf } from './deep/space';
import { Drops, Ways } from './deep/Ways';
import classes from './Deep.module.css';
import { perMinute, type Graph } from './graph';
import { placed, type Placed } from './layout';
import { tintsOf } from './tones';

const BELOW = new Vector3(0, -0.62, 0.62); // of a node, where its name stands
const WIDE_VW = 78; // of a phone, for the names that stand beside each other
const WIDEST = 2;

// How much is asked of it, after its name.
const rate = (node: Placed): string => (node.perMinute ? ` ${perMinute(node.perMinute)}` : '');

const NARROW = '(max-width: 40em)';

// The map in three dimensions: the columns of the way lie on the ground, and what is asked for flows above it from one to the next.
export function Deep({ graph, chosen, onChoose, still }: { graph: Graph; chosen: string | undefined; onChoose: (id: string) => void; still: boolean }) {
    const layout = useMemo(() => placed(graph), [graph]);
    const nodes = useMemo(() => [...layout.nodes.values()], [layout]);
    const upright = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false }) ?? false;
    const space = useMemo(() => spaceOf(layout, upright), [layout, upright]);
    const dark = useComputedColorScheme('light') === 'dark';
    const tints = useMemo(() => tintsOf(dark), [dark]);
    const moves = useRef<Moves>(null);
    const labels = useRef(new Map<string, HTMLElement>());
    const marks = useMemo<Mark[]>(
        () => [
            ...[...space.spots].map(([id, spot]) => ({ id, at: spot.clone().add(BELOW) })),
            ...space.lanes.map(lane => ({ id: `lane:${lane.column}`, at: lane.front })),
        ],
        [space],
    );
    const keep = useCallback(
        (id: string) => (found: HTMLElement | null) => {
            if (found) {
                labels.current.set(id, found);
            } else {
                labels.current.delete(id);
            }
        },
        [],
    );
    const beside = (node: Placed) => Math.max(WIDEST, nodes.filter(one => one.x === node.x).length);
    const choose = useCallback((id: string) => onChoose(id), [onChoose]);
    return (
        <div className={classes.stage}>
            <Canvas flat camera={{ fov: FIELD, far: 400 }} dpr={[1, 2]} frameloop={still ? 'demand' : 'always'} aria-hidden="true">
                <ambientLight intensity={1.25} />
                <directionalLight position={[-6, 12, 8]} intensity={1.9} />
                <directionalLight position={[8, 4, -6]} intensity={0.5} />
                <Camera space={space} still={still} moves={moves} />
                <Ground lanes={space.lanes} reach={Math.max(space.half.x, space.half.z) * 2.2} tints={tints} />
                <Ways graph={graph} space={space} chosen={chosen} tints={tints} />
                {!still && <Drops graph={graph} space={space} tints={tints} />}
                <Bodies nodes={nodes} space={space} chosen={chosen} still={still} tints={tints} onChoose={choose} />
                <Names marks={marks} labels={labels} />
            </Canvas>
            <div className={classes.names} data-drawn>
                {space.lanes.map(lane => (
                    <span key={lane.column} className={`${classes.lane} ${upright ? classes.corner : ''}`} ref={keep(`lane:${lane.column}`)} aria-hidden="true">
                        {lane.heading}
                    </span>
                ))}
                {nodes.map(node => (
                    <button key={node.id} type="button" className={classes.name} data-tone={node.tone} aria-pressed={node.id === chosen} aria-label={`${node.label}${rate(node)}: ${node.detail}`} onClick={() => onChoose(node.id)} ref={keep(node.id)} style={{ maxWidth: upright ? `${WIDE_VW / beside(node)}vw` : undefined }}>
                        <span className="clip">{node.label}</span>
                        {rate(node) && <span className={classes.rate}>{rate(node)}</span>}
                    </button>
                ))}
            </div>
            <div className={classes.moves} role="group" aria-label="Look at the map">
                <Move label="Closer" onClick={() => moves.current?.closer(0.8)} icon={<IconPlus size={16} />} />
                <Move label="Farther" onClick={() => moves.current?.closer(1.25)} icon={<IconMinus size={16} />} />
                <Move label="Turn left" onClick={() => moves.current?.turn(-0.35)} icon={<IconRotate2 size={16} />} />
                <Move label="Turn right" onClick={() => moves.current?.turn(0.35)} icon={<IconRotateClockwise2 size={16} />} />
                <Move label="All of it" onClick={() => moves.current?.back()} icon={<IconFocusCentered size={16} />} />
            </div>
        </div>
    );
}

function Move({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
    return (
        <Tooltip label={label} position="left">
            <ActionIcon variant="default" size={32} aria-label={label} onClick={onClick}>
                {icon}
            </ActionIcon>
        </Tooltip>
    );
}
