import { Button, Group } from '@mantine/core';
import { problem, UNREACHABLE } from '@/api/problem';
import { Notice, Sentence } from './Notice';

// What did not work: what happened, what to do next, and a way to try again where that may help.
export function Fault({ of, again }: { of: unknown; again?: () => void }) {
    const { code, message, hint, errors, request } = problem(of);
    return (
        <Notice tone={code === UNREACHABLE ? 'idle' : 'bad'} title={message} urgent>
            {errors.map(one => (
                <p key={one.pointer}>
                    <span className="mono">{one.pointer}</span> {one.detail}
                </p>
            ))}
            {hint && (
                <p>
                    <Sentence>{hint}</Sentence>
                </p>
            )}
            {(again || request) && (
                <Group mt="xs" gap="sm">
                    {again && (
                        <Button size="xs" variant="default" onClick={again}>
                            Try again
                        </Button>
                    )}
                    {request && <span className="soft mono">request {request}</span>}
                </Group>
            )}
        </Notice>
    );
}
