import { Code, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Notice } from '@/parts/Notice';
import type { Deployment } from './deeds';
import { blame } from './log/blame';
import { write } from './log/range';
import { useLines } from './log/useLines';

const FAULTS: Record<string, string> = {
    you: 'Something in the project or its settings.',
    platform: 'This was not your doing.',
    provider: 'The git host did not do its part.',
};

// Why a deployment failed: what happened, what to do, and the lines of the log that say it first.
export function Failure({ of, error }: { of: Deployment; error: NonNullable<Deployment['error']> }) {
    const { message, hint, code, fault } = error;
    const { all: lines, version } = useLines(of.id);
    const found = useMemo(() => blame(lines), [lines, version]);
    return (
        <Notice tone="bad" title={message} urgent>
            <Stack gap="xs">
                {hint && <Text size="sm">{hint}</Text>}
                {found && (
                    <>
                        <Code block tabIndex={0} role="region" aria-label="Where the log says so">{lines.slice(found.from, found.to + 1).map(line => line.bare).join('\n')}</Code>
                        <Text size="sm">
                            <Link to="/deployments/$deployment" params={{ deployment: of.id }} hash={write({ from: found.from + 1, to: found.to + 1 })} resetScroll={false} hashScrollIntoView={false}>
                                Line {found.from + 1} of the log
                            </Link>
                        </Text>
                    </>
                )}
                <Text size="xs" className="soft">
                    {FAULTS[fault]} <span className="mono">{code}</span>
                </Text>
            </Stack>
        </Notice>
    );
}
