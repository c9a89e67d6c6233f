import { Button, Skeleton } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Fault } from '@/parts/Fault';
import type { Lines } from './log/lines';
import classes from './log/Log.module.css';
import { LEVELS, LogBar, type Level } from './log/LogBar';
import { LogLine } from './log/LogLine';
import { chosen, read, write } from './log/range';
import { useLines } from './log/useLines';
import { useReach } from './log/useReach';

const LINE_PX = 20;
const MARGIN_PX = 20;
const NEAR_PX = 40;
const SETTLED_MS = 60;

// The log of a deployment while it comes, and afterwards. A hundred thousand lines are only as many elements as can be seen.
export function Log({ deployment }: { deployment: string }) {
    const lines = useLines(deployment);
    const { version } = lines;
    const [level, setLevel] = useState<Level>('all');
    const [wrap, setWrap] = useState(false);
    const [typed, setTyped] = useState('');
    const wanted = useDeferredValue(typed.trim().toLowerCase());
    const [at, setAt] = useState(0);
    const [following, setFollowing] = useState(true);
    const { hash, pathname } = useLocation();
    const navigate = useNavigate();
    const page = `/deployments/${deployment}`;
    const range = pathname === page ? read(hash) : undefined;
    const scroller = useRef<HTMLDivElement>(null);
    const input = useRef<HTMLInputElement>(null);
    const went = useRef('');

    // Which lines are shown, by their index; and which of these hold what is searched for, by their row.
    const rows = useMemo(() => {
        const levels = LEVELS[level].levels as readonly string[] | undefined;
        return lines.all.flatMap((line, index) => (!levels || levels.includes(line.level) ? [index] : []));
    }, [lines, version, level]);
    const matches = useMemo(
        () => (wanted ? rows.flatMap((index, row) => (lines.all[index]?.bare.toLowerCase().includes(wanted) ? [row] : [])) : []),
        [lines, rows, wanted],
    );

    const rowOf = useRef((index: number) => rows.indexOf(index));
    rowOf.current = index => rows.indexOf(index);

    const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => LINE_PX, overscan: 20 });
    useEffect(() => virtual.measure(), [virtual, wrap]);
    const reach = useReach(scroller, virtual, rows.length);

    const go = useCallback(
        (row: number) => {
            setFollowing(false);
            virtual.scrollToIndex(row, { align: 'center' });
        },
        [virtual],
    );
    const step = (by: 1 | -1) => {
        if (matches.length) {
            const next = (at + by + matches.length) % matches.length;
            setAt(next);
            go(matches[next] as number);
        }
    };
    useEffect(() => {
        setAt(0);
        if (wanted && matches.length) {
            go(matches[0] as number);
        }
        // Only what is typed leads anywhere, not lines that come meanwhile.
    }, [wanted]);

    // The router puts boxes back to where they were scrolled after it went somewhere; the line that a link names comes after that.
    const reached = range !== undefined && lines.all.length >= range.from;
    useEffect(() => {
        if (!reached || went.current === hash) {
            return undefined;
        }
        const goes = setTimeout(() => {
            went.current = hash;
            go(Math.max(rowOf.current((range?.from ?? 1) - 1), 0));
        }, SETTLED_MS);
        return () => clearTimeout(goes);
    }, [reached, hash, go, range?.from]);

    // A log that comes is read at its end, one that is over from its beginning.
    useEffect(() => {
        if (following && !range && lines.state === 'following' && rows.length) {
            virtual.scrollToIndex(rows.length - 1, { align: 'end' });
        }
    }, [following, range, lines.state, rows.length, virtual]);

    // Whoever scrolls up wants to read, whatever comes meanwhile; at the end again they follow it again.
    const top = useRef(0);
    const onScroll = () => {
        const box = scroller.current;
        if (box && lines.state === 'following') {
            const up = box.scrollTop < top.current - 1;
            top.current = box.scrollTop;
            if (up) {
                setFollowing(false);
            } else if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX) {
                setFollowing(true);
            }
        }
    };
    const onChoose = useCallback(
        (place: number, shift: boolean) => {
            const next = `#${write(chosen(place, shift, range))}`;
            went.current = next.slice(1);
            if (pathname === page) {
                void navigate({ to: '.', search: true, hash: next.slice(1), replace: true, resetScroll: false, hashScrollIntoView: false });
            }
        },
        [range, pathname, page, navigate],
    );
    const onKeyDown = (event: KeyboardEvent) => {
        reach.onKeyDown(event);
        if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) {
            setFollowing(false);
        }
        const find = event.key === '/' || (event.key === 'f' && (event.ctrlKey || event.metaKey));
        if (find) {
            event.preventDefault();
            input.current?.focus();
        }
    };

    const text = (part = range) => lines.all.slice(part ? part.from - 1 : 0, part ? part.to : undefined).map(line => line.bare).join('\n');
    const download = () => {
        const url = URL.createObjectURL(new Blob([lines.all.map(line => `${new Date(line.t).toISOString()} ${line.level.padEnd(7)} ${line.bare}`).join('\n') + '\n'], { type: 'text/plain' }));
        const link = Object.assign(document.createElement('a'), { href: url, download: `${deployment}.log` });
        link.click();
        URL.revokeObjectURL(url);
    };

    if (lines.state === 'failed' && !lines.all.length) {
        return <div className={classes.note}><Fault of={lines.fault} again={() => void lines.begin()} /></div>;
    }
    const began = lines.all[0]?.t ?? 0;
    const live = lines.state === 'following';
    return (
        <div className={classes.log}>
            <LogBar
                input={input} wanted={typed} onWanted={setTyped} found={matches.length} at={Math.min(at, matches.length - 1)} onStep={step}
                level={level} onLevel={setLevel} wrap={wrap} onWrap={() => setWrap(!wrap)}
                text={text} what={range ? 'the chosen lines' : 'the log'} onDownload={download}
                many={lines.all.length} live={live} onEnd={() => (live ? setFollowing(true) : go(rows.length - 1))}
            />
            <div className={classes.holder}>
                <div
                    ref={scroller}
                    className={`${classes.lines} ${wrap ? classes.wrap : ''}`}
                    role="log"
                    aria-label="Log"
                    aria-live={live && following ? 'polite' : 'off'}
                    aria-busy={lines.state === 'loading' || lines.state === 'idle'}
                    tabIndex={0}
                    style={{ height: virtual.getTotalSize() + MARGIN_PX }}
                    onScroll={onScroll}
                    onWheel={event => event.deltaY < 0 && setFollowing(false)}
                    onTouchMove={() => setFollowing(false)}
                    onPointerDown={event => event.target === scroller.current && setFollowing(false)}
                    onKeyDown={onKeyDown}
                >
                    {!rows.length && <Nothing state={lines.state} filtered={lines.all.length > 0} />}
                    <div className={classes.tall} style={{ height: virtual.getTotalSize() }}>
                        {virtual.getVirtualItems().map(item => {
                            const index = rows[item.index] as number;
                            return (
                                <div key={item.key} className={classes.row} data-index={item.index} ref={wrap ? virtual.measureElement : undefined} style={{ transform: `translateY(${item.start}px)` }}>
                                    <LogLine
                                        line={lines.all[index] as Lines['all'][number]}
                                        place={index + 1}
                                        began={began}
                                        page={page}
                                        wanted={wanted}
                                        current={matches[at] === item.index}
                                        inRange={range !== undefined && index + 1 >= range.from && index + 1 <= range.to}
                                        onChoose={onChoose}
                                        reachable={item.index === reach.stop}
                                    />
                                </div>
                            );
                        })}
                    </div>
                </div>
                {live && !following && (
                    <Button className={classes.end} size="xs" radius="xl" leftSection={<IconArrowDown size={14} />} onClick={() => setFollowing(true)}>
                        Follow the end
                    </Button>
                )}
            </div>
        </div>
    );
}

function Nothing({ state, filtered }: { state: Lines['state']; filtered: boolean }) {
    if (state === 'loading' || state === 'idle') {
        return <div className={classes.note}>{[70, 45, 85, 60].map(width => <Skeleton key={width} height={12} width={`${width}%`} mb="xs" />)}</div>;
    }
    return <div className={`${classes.note} soft`}>{filtered ? 'No line of this kind.' : state === 'following' ? 'Waiting for the first line.' : 'Nothing was written.'}</div>;
}
