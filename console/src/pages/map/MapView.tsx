import { ActionIcon, Button, Group, SegmentedControl, Skeleton, Tooltip } from '@mantine/core';
import { useFullscreenElement, useLocalStorage, useMediaQuery, useReducedMotion } from '@mantine/hooks';
import { IconExternalLink, IconMaximize, IconMinimize } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Component, lazy, Suspense, useState, type ReactNode } from 'react';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import { Flat } from './Flat';
import type { Graph, Node } from './graph';
import classes from './MapView.module.css';

const Deep = lazy(() => import('./Deep').then(found => ({ default: found.Deep })));

// Whether this browser draws in three dimensions at all.
function capable(): boolean {
    try {
        const canvas = document.createElement('canvas');
        return Boolean(canvas.getContext('webgl2'));
    } catch {
        return false;
    }
}

// The picture in three dimensions may fail while it is drawn, too (a driver, a lost context): then the flat one stands in.
class Fallback extends Component<{ instead: ReactNode; children: ReactNode }, { broken: boolean }> {
    override state = { broken: false };

    static getDerivedStateFromError() {
        return { broken: true };
    }

    override render() {
        return this.state.broken ? this.props.instead : this.props.children;
    }
}

export function MapView({ graph }: { graph: Graph }) {
    const [can] = useState(capable);
    const still = useReducedMotion();
    const touch = useMediaQuery('(pointer: coarse)') ?? false;
    const [shape, setShape] = useLocalStorage<'3d' | '2d'>({ key: 'clouddeck.map', defaultValue: '3d', getInitialValueInEffect: false });
    const [chosen, setChosen] = useState<string>();
    const { ref, toggle, fullscreen } = useFullscreenElement<HTMLDivElement>();
    const node = graph.nodes.find(one => one.id === chosen);
    const choose = (id: string) => setChosen(now => (now === id ? undefined : id));
    const flat = <Flat graph={graph} chosen={chosen} onChoose={choose} />;
    const deep = can && shape === '3d';
    return (
        <Panel
            title="From a visitor to a file"
            about={`${deep ? (touch ? 'Drag to turn, pinch to come closer. ' : 'Drag to turn, Ctrl and scroll to come closer. ') : ''}Choose a part to see what it is.`}
            flush
            actions={
                <Group gap="xs">
                    {can ? (
                        <SegmentedControl
                            size="xs"
                            aria-label="Dimensions"
                            value={shape}
                            onChange={value => setShape(value as '3d' | '2d')}
                            data={[
                                { value: '3d', label: '3D' },
                                { value: '2d', label: '2D' },
                            ]}
                        />
                    ) : (
                        <span className="soft">This browser draws no WebGL, so the map is flat.</span>
                    )}
                    {document.fullscreenEnabled && (
                        <Tooltip label={fullscreen ? 'Leave the full screen' : 'Full screen'}>
                            <ActionIcon variant="default" size={30} aria-label={fullscreen ? 'Leave the full screen' : 'Full screen'} onClick={() => void toggle()}>
                                {fullscreen ? <IconMinimize size={16} /> : <IconMaximize size={16} />}
                            </ActionIcon>
                        </Tooltip>
                    )}
                </Group>
            }
        >
            <div ref={ref} className={classes.box}>
                {deep ? (
                    <Fallback instead={flat}>
                        <Suspense fallback={<Skeleton height={480} radius={0} />}>
                            <Deep graph={graph} chosen={chosen} onChoose={choose} still={still} />
                        </Suspense>
                    </Fallback>
                ) : (
                    flat
                )}
                <div className={classes.foot}>
                    <div className={classes.said} aria-live="polite">
                        {node ? <About node={node} /> : <span className="soft">{summary(graph)}</span>}
                    </div>
                    <Legend graph={graph} />
                </div>
            </div>
        </Panel>
    );
}

const MEANS: [Tone, string][] = [['good', 'works'], ['live', 'moves'], ['warn', 'waits'], ['bad', 'needs a look'], ['idle', 'quiet']];

// What the colours say, of those that there are.
function Legend({ graph }: { graph: Graph }) {
    const tones = new Set(graph.nodes.map(node => node.tone));
    return (
        <ul className={classes.legend} aria-label="What the colours say">
            {MEANS.filter(([tone]) => tones.has(tone)).map(([tone, word]) => (
                <li key={tone}>
                    <i className={`${classes.dot} ${classes[tone]}`} aria-hidden="true" />
                    {word}
                </li>
            ))}
            <li>
                <i className={classes.way} aria-hidden="true" />
                as wide as its share
            </li>
            {graph.links.some(link => link.broken) && (
                <li>
                    <i className={`${classes.way} ${classes.broken}`} aria-hidden="true" />
                    nobody gets through
                </li>
            )}
        </ul>
    );
}

function About({ node }: { node: Node }) {
    return (
        <Group justify="space-between" gap="sm">
            <div className={classes.about}>
                <Group gap="sm">
                    <strong>{node.label}</strong>
                    <State of={node.kind} tone={node.tone} />
                </Group>
                <span className="soft">{node.detail}</span>
            </div>
            <Group gap="xs">
                {node.url && (
                    <Button component="a" href={node.url} target="_blank" rel="noreferrer" variant="default" size="xs" rightSection={<IconExternalLink size={14} />}>
                        Open
                    </Button>
                )}
                {node.to && (
                    <Button component={Link} to={node.to} size="xs">
                        Go there
                    </Button>
                )}
            </Group>
        </Group>
    );
}

function summary({ nodes }: Graph): string {
    const many = (kind: Node['kind'], word: string) => {
        const count = nodes.filter(node => node.kind === kind).length;
        return count ? `${count} ${word}${count === 1 ? '' : 's'}` : '';
    };
    const broken = nodes.filter(node => node.tone === 'bad').length;
    const parts = [many('project', 'project'), many('host', 'address').replace('addresss', 'addresses'), many('deployment', 'version'), many('backend', 'backend')].filter(Boolean);
    return `${parts.join(', ')}. ${broken ? `${broken} of them ${broken === 1 ? 'needs' : 'need'} a look.` : 'Nothing needs a look.'}`;
}
