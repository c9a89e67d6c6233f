import { ActionIcon, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { $api, type Schema } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { State, type Tone } from '@/parts/State';
import { bytes, count, duration, percent } from '@/parts/units';
import { When } from '@/parts/When';
import { Admins } from './Admins';
import classes from './Health.module.css';

type Whole = Schema<'InstallationHealthView'>;

const AGAIN_MS = 15_000;
const TONES: Record<string, Tone> = { ok: 'good', slow: 'warn', down: 'bad', unknown: 'idle' };

// Whether the parts of the installation do what they are for, and what waits. Asked again every quarter of a minute.
export function Health() {
    return (
        <Admins title="Health" about="The parts of this installation, each asked just now.">
            {() => <Asked />}
        </Admins>
    );
}

function Asked() {
    const health = $api.useQuery('get', '/v1/admin/health', {}, { refetchInterval: AGAIN_MS });
    return (
        <Loaded query={health} rows={8}>
            {whole => (
                <>
                    <Summary of={whole} asking={health.isFetching} again={() => void health.refetch()} stale={health.isError} />
                    <Counts of={whole} />
                    <div className={classes.parts}>
                        {whole.parts.map(part => (
                            <section key={part.name} className={classes.part} aria-label={part.name}>
                                <div className={classes.head}>
                                    <h2>{part.name}</h2>
                                    <State of={part.state} tone={TONES[part.state]} />
                                </div>
                                <div>{part.detail}</div>
                                {part.hint && <div className={classes.hint}>{part.hint}</div>}
                                <div className="soft numbers">{duration(part.ms)}</div>
                            </section>
                        ))}
                    </div>
                    <Queues of={whole} />
                </>
            )}
        </Loaded>
    );
}

function Summary({ of, asking, again, stale }: { of: Whole; asking: boolean; again: () => void; stale: boolean }) {
    const ill = of.parts.filter(part => part.state === 'down' || part.state === 'slow');
    const title = of.ok ? (ill.length ? 'Everything answers, not everything fast' : 'Everything works') : `Not well: ${ill.map(part => part.name).join(', ')}`;
    return (
        <div>
            <Notice tone={of.ok ? 'good' : 'bad'} title={title} />
            <div className={`soft ${classes.summary}`}>
                <span>
                    Version {of.version}, {of.cloud === 'local' ? 'on this machine' : of.cloud}, asked <When at={of.checked_at} />
                    {stale && '; it does not answer at the moment'}
                </span>
                <Tooltip label="Ask again">
                    <ActionIcon variant="subtle" color="gray" onClick={again} loading={asking} aria-label="Ask again">
                        <IconRefresh size={17} />
                    </ActionIcon>
                </Tooltip>
            </div>
        </div>
    );
}

function Counts({ of }: { of: Whole }) {
    return (
        <dl className={classes.counts}>
            {Object.entries(of.counts).map(([name, number]) => (
                <div key={name}>
                    <dt className="soft">{name}</dt>
                    <dd className="numbers">{number === null ? 'many' : count(number)}</dd>
                </div>
            ))}
            {of.disk && (
                <div>
                    <dt className="soft">disk free</dt>
                    <dd className="numbers">
                        {bytes(of.disk.free_bytes)} <span className={classes.share}>{percent(of.disk.free_bytes / Math.max(of.disk.total_bytes, 1))}</span>
                    </dd>
                </div>
            )}
        </dl>
    );
}

function Queues({ of }: { of: Whole }) {
    return (
        <Panel title="What waits" about="Work that is due, and for how long the oldest has been.">
            <dl className={classes.queues}>
                {of.queues.map(queue => (
                    <div key={queue.name}>
                        <dt>{queue.name}</dt>
                        <dd className="numbers">
                            {queue.waiting === 0 ? <span className="soft">nothing</span> : <strong>{count(queue.waiting)}</strong>}
                            {queue.oldest_seconds !== null && queue.waiting > 0 && <span className="soft"> for {duration(queue.oldest_seconds * 1000)}</span>}
                        </dd>
                    </div>
                ))}
            </dl>
        </Panel>
    );
}
