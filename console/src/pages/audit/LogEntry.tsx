import { IconCheck, IconKey, IconQuestionMark, IconRobot, IconUser, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Copy } from '@/parts/Copy';
import { When } from '@/parts/When';
import { Diff } from './Diff';
import classes from './Log.module.css';
import type { Entry } from './source';

const OUTCOMES = { ok: IconCheck, refused: IconX, unknown: IconQuestionMark };
const ACTORS: Record<string, typeof IconUser> = { user: IconUser, platform: IconRobot };

// An entry as a sentence; opened, all that it holds.
export function LogEntry({ entry }: { entry: Entry }) {
    const [opened, setOpened] = useState(false);
    const Actor = ACTORS[entry.actor.kind] ?? IconKey;
    const Outcome = OUTCOMES[entry.outcome];
    return (
        <article aria-label={entry.sentence} className={classes.entry}>
            <button type="button" className={classes.head} aria-expanded={opened} onClick={() => setOpened(!opened)}>
                <Actor size={18} stroke={1.6} className="soft" />
                <span className={classes.said}>
                    <span>{entry.sentence}</span>
                    <span className={`soft mono ${classes.action}`}>{entry.action}</span>
                </span>
                <span className={`soft ${classes.when}`}>
                    <When at={entry.at} />
                    {entry.outcome !== 'ok' && (
                        <span className={classes.outcome}>
                            <Outcome size={13} /> {entry.outcome}
                        </span>
                    )}
                </span>
            </button>
            {opened && (
                <div className={classes.body}>
                    <Diff before={entry.before} after={entry.after} />
                    <dl className={classes.facts}>
                        <Fact name="Entry">{entry.sequence}</Fact>
                        <Fact name="At">{new Date(entry.at).toLocaleString()}</Fact>
                        <Fact name="Who">{entry.actor.kind} {entry.actor.id && <Copy text={entry.actor.id} what="the actor" />}</Fact>
                        {entry.actor.ip && <Fact name="From">{entry.actor.ip}</Fact>}
                        {entry.actor.agent && <Fact name="With">{entry.actor.agent}</Fact>}
                        {entry.resource && <Fact name="What"><Copy text={entry.resource} what="the resource" /></Fact>}
                        <Fact name="Request"><Copy text={entry.id} what="the request" /></Fact>
                        <Fact name="Hash"><Copy text={entry.hash} what="the hash" /></Fact>
                        <Fact name="Before it"><Copy text={entry.prev} what="the hash of the entry before" /></Fact>
                    </dl>
                </div>
            )}
        </article>
    );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
    return (
        <>
            <dt className="soft">{name}</dt>
            <dd>{children}</dd>
        </>
    );
}
