import { Button, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { useLocalStorage, useReducedMotion } from '@mantine/hooks';
import { IconExternalLink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Component, lazy, Suspense, useState, type ReactNode } from 'react';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { Flat } from './Flat';
import type { Graph, Node } from './graph';

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
    const [shape, setShape] = useLocalStorage<'3d' | '2d'>({ key: 'clouddeck.map', defaultValue: '3d', getInitialValueInEffect: false });
    const [chosen, setChosen] = useState<string>();
    const node = graph.nodes.find(one => one.id === chosen);
    const flat = <Flat graph={graph} chosen={chosen} onChoose={setChosen} />;
    return (
        <Panel
            title="From a visitor to a file"
            about="Choose a part to see what it is; drag to turn, scroll to come closer."
            flush
            actions={
                can ? (
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
                )
            }
        >
            {can && shape === '3d' ? (
                <Fallback instead={flat}>
                    <Suspense fallback={<Skeleton height={420} />}>
                        <Deep graph={graph} chosen={chosen} onChoose={setChosen} still={still} />
                    </Suspense>
                </Fallback>
            ) : (
                flat
            )}
            <Stack p="md" gap="xs" aria-live="polite">
                {node ? <About node={node} /> : <Text className="soft">{summary(graph)}</Text>}
            </Stack>
        </Panel>
    );
}

function About({ node }: { node: Node }) {
    return (
        <Group justify="space-between">
            <div>
                <Group gap="sm">
                    <strong>{node.label}</strong>
                    <State of={node.kind} tone={node.tone} />
                </Group>
                <span className="soft">{node.detail}</span>
            </div>
            <Group gap="sm">
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
