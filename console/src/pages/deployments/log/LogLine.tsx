import { memo } from 'react';
import type { Look } from './ansi';
import { pieces } from './cut';
import type { Shown } from './lines';
import classes from './Log.module.css';

const MINUTE = 60_000;

function clock(ms: number): string {
    const passed = Math.max(ms, 0);
    return `${Math.floor(passed / MINUTE)}:${((passed % MINUTE) / 1000).toFixed(1).padStart(4, '0')}`;
}

function named(look: Look): string | undefined {
    const names = [
        look.color !== undefined && classes[`c${look.color}`],
        look.bold && classes.bold,
        look.dim && classes.dim,
        look.italic && classes.italic,
        look.underline && classes.underline,
        look.strike && classes.strike,
        look.inverse && classes.inverse,
    ].filter(Boolean);
    return names.length ? names.join(' ') : undefined;
}

// One line: its place, when it came, what it says. The place is a link to it.
export const LogLine = memo(function LogLine({ line, place, began, page, wanted, current, inRange, onChoose, reachable }: {
    line: Shown;
    place: number;
    began: number;
    page: string;
    wanted: string;
    current: boolean;
    inRange: boolean;
    onChoose: (place: number, shift: boolean) => void;
    reachable: boolean;
}) {
    return (
        <div className={`${classes.line} ${classes[line.level] ?? ''} ${inRange ? classes.chosen : ''} ${current ? classes.current : ''}`}>
            <a
                className={classes.place}
                href={`${page}#L${place}`}
                tabIndex={reachable ? 0 : -1}
                aria-label={`Line ${place}`}
                onClick={event => {
                    if (!event.metaKey && !event.ctrlKey) {
                        event.preventDefault();
                        onChoose(place, event.shiftKey);
                    }
                }}
            >
                {place}
            </a>
            <span className={classes.time} title={new Date(line.t).toLocaleString()}>
                {clock(line.t - began)}
            </span>
            <span className={classes.text}>
                {pieces(line.text, wanted).map((piece, index) => {
                    const shown = piece.found ? <mark>{piece.text}</mark> : piece.text;
                    return piece.href ? (
                        <a key={index} className={named(piece.look)} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
                            {shown}
                        </a>
                    ) : (
                        <span key={index} className={named(piece.look)}>
                            {shown}
                        </span>
                    );
                })}
            </span>
        </div>
    );
});
