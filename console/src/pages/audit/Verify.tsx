import { Button, Group, Progress, Stack } from '@mantine/core';
import { useRef, useState } from 'react';
import { Copy } from '@/parts/Copy';
import { Fault } from '@/parts/Fault';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { useWrite } from '@/parts/write';
import { verified, type Verdict } from './source';

// Walks along the whole log, piece by piece: each entry is held to its hash, its neighbour, the end and the signatures.
export function Verify({ team }: { team: string | null }) {
    const [walked, setWalked] = useState(0);
    const [verdict, setVerdict] = useState<Verdict>();
    const stopped = useRef(false);
    const write = useWrite();
    const walk = () =>
        write.run(async () => {
            stopped.current = false;
            setVerdict(undefined);
            setWalked(0);
            let looked = 0;
            for (let after: number | undefined; !stopped.current; ) {
                const said = await verified(team, after);
                looked += said.entries;
                setWalked(looked);
                if (!said.more || !said.ok) {
                    setVerdict({ ...said, entries: looked });
                    return;
                }
                after = said.last;
            }
        });
    return (
        <Panel title="Is the log whole?" about="Every entry holds the hash of the one before; once a day the end is signed.">
            <Stack>
                <Group>
                    <Button onClick={() => void walk()} loading={write.busy}>
                        Verify the log
                    </Button>
                    {write.busy && (
                        <Button variant="default" onClick={() => (stopped.current = true)}>
                            Stop
                        </Button>
                    )}
                </Group>
                {write.busy && <Progress value={100} animated aria-label="The log is being verified" />}
                <div role="status">{write.busy && `${walked.toLocaleString('en')} entries looked at`}</div>
                {write.fault && <Fault of={write.fault} again={() => void walk()} />}
                {verdict && <Said verdict={verdict} />}
            </Stack>
        </Panel>
    );
}

function Said({ verdict }: { verdict: Verdict }) {
    if (!verdict.ok) {
        return (
            <Notice tone="bad" urgent title={verdict.broken_at === null ? 'The log is broken' : `The log is broken at entry ${verdict.broken_at.toLocaleString('en')}`}>
                <p style={{ margin: 0 }}>{verdict.why}</p>
                <p style={{ margin: 0 }}>What comes before it is as it was written. Compare with a stream or an export that you keep elsewhere, and ask who had the database in their hands.</p>
            </Notice>
        );
    }
    return (
        <Notice tone="good" urgent title={`Whole: ${verdict.entries.toLocaleString('en')} entries`}>
            <Stack gap={4}>
                <span>
                    {verdict.signed_until > 0
                        ? `Signed until entry ${verdict.signed_until.toLocaleString('en')}${verdict.signed_until < verdict.last ? '; later ones are signed within a day.' : '.'}`
                        : 'Nothing is signed yet: the first signature comes within a day.'}
                </span>
                <span>The hash of the last entry, number {verdict.last.toLocaleString('en')}:</span>
                <Copy text={verdict.head_hash} what="the hash of the last entry" />
            </Stack>
        </Notice>
    );
}
