import { Stack } from '@mantine/core';
import { IconArrowRight, IconFile, IconHeading, IconLock, IconRoute, IconServer } from '@tabler/icons-react';
import type { Schema } from '@/api/query';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import classes from './rules.module.css';

type View = Schema<'RoutingVerdictView'>;

const TONES: Record<View['verdict'], Tone> = { redirect: 'good', file: 'good', proxy: 'warn', refused: 'bad', nothing: 'idle' };

const ICONS: Record<string, typeof IconFile> = { rule: IconRoute, header: IconHeading, auth: IconLock, file: IconFile, proxy: IconServer };

const REASONS: Record<string, string> = {
    rule: 'a rule says so', file: 'there is such a file', forced: 'a forced rule stands before the files', auth: 'a password is asked for',
};

function sentence(of: View): string {
    switch (of.verdict) {
        case 'redirect':
            return `Sent to ${of.location ?? 'another address'}`;
        case 'file':
            return `Answered with ${of.file ?? 'a file'}`;
        case 'proxy':
            return `Passed on to ${of.goals.map(goal => goal.url).join(' or ')}`;
        case 'refused':
            return 'A password is asked for';
        default:
            return 'Nothing is there';
    }
}

// What would be answered, which rule decides, and every step on the way there.
export function Verdict({ of }: { of: View }) {
    return (
        <Panel title="What would be answered" actions={<State of={of.status === null ? of.verdict : `${of.verdict} ${of.status}`} tone={TONES[of.verdict]} />}>
            <Stack>
                <div>
                    <div className={classes.verdict}>{sentence(of)}</div>
                    <div className="soft">
                        Because {REASONS[of.reason] ?? of.reason.replaceAll('_', ' ')}
                        {of.rule && (
                            <>
                                : <code className="mono">{of.rule.text}</code> in <code className="mono">{of.rule.source}:{of.rule.line}</code>
                            </>
                        )}
                        {of.looked.length > 0 && <>. The rules looked at {of.looked.join(', ')}</>}.
                    </div>
                </div>
                {of.headers.length > 0 && (
                    <div>
                        <strong>Headers that are set</strong>
                        {of.headers.map(([name, value]) => (
                            <div className="mono" key={String(name)} style={{ overflowWrap: 'anywhere' }}>
                                {String(name)}: {String(value)}
                            </div>
                        ))}
                    </div>
                )}
                <div>
                    <strong>Step by step</strong>
                    <ol className={classes.trace} style={{ marginTop: '0.6rem' }} aria-label="Step by step">
                        {of.trace.map((step, index) => {
                            const Icon = ICONS[step.kind] ?? IconArrowRight;
                            const decides = step.place !== null && of.rule !== null && step.place.line === of.rule.line && step.place.source === of.rule.source && step.place.kind === of.rule.kind;
                            return (
                                <li key={index} className={classes.step} data-decides={decides || undefined}>
                                    <span className={classes.bullet} aria-hidden="true">
                                        <Icon size={16} />
                                    </span>
                                    <div>
                                        <div>
                                            <strong>{step.kind}</strong> <code className="mono">{step.said}</code> {decides && <State of="decides" tone="good" />}
                                        </div>
                                        {step.place && (
                                            <div className="soft">
                                                <code className="mono">{step.place.text}</code> ({step.place.source}:{step.place.line})
                                            </div>
                                        )}
                                    </div>
                                </li>
                            );
                        })}
                        {of.trace.length === 0 && <li className="soft">No rule was asked.</li>}
                    </ol>
                </div>
            </Stack>
        </Panel>
    );
}
