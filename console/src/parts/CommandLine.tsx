import { Copy } from './Copy';
import classes from './CommandLine.module.css';

// A line to type in a terminal, to copy, with a word about what it does.
export function CommandLine({ text, about }: { text: string; about?: string }) {
    return (
        <div>
            {about && <div className={classes.about}>{about}</div>}
            <div className={classes.line}>
                <span aria-hidden="true" className={classes.prompt}>
                    $
                </span>
                <Copy text={text} what="the command" />
            </div>
        </div>
    );
}
