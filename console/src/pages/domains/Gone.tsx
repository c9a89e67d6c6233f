import { Button, List } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Panel } from '@/parts/Panel';
import type { Domain } from './names';

// What is left of a domain that was taken off: its records, which lead nowhere now, and the way back.
export function Gone({ view, project }: { view: Domain; project: string }) {
    return (
        <Panel title="What is left" about="Its records at your DNS lead nowhere now. Remove them, so that nobody else can serve this name.">
            {view.records.length > 0 && (
                <List size="sm" spacing="xs" mb="md">
                    {view.records.map(record => (
                        <List.Item key={record.type + record.name}>
                            <strong className="mono">{record.type}</strong> <span className="mono" style={{ overflowWrap: 'anywhere' }}>{record.name}</span>
                        </List.Item>
                    ))}
                </List>
            )}
            <Button variant="default" component={Link} to={`/projects/${project}/domains`}>
                All domains of the project
            </Button>
        </Panel>
    );
}
