import { IconBook, IconFileCode } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import classes from './Frame.module.css';
import { usePath } from './where';

// At the foot of the places: where one reads on. The documentation is pages of its own, outside of this app.
export function Help({ onGo }: { onGo?: () => void }) {
    const path = usePath();
    return (
        <nav aria-label="Help" className={classes.help}>
            <a href="/docs/" className={classes.place}>
                <IconBook size={17} stroke={1.7} />
                Documentation
            </a>
            <Link to="/explorer" className={classes.place} aria-current={path === '/explorer' ? 'page' : undefined} onClick={onGo}>
                <IconFileCode size={17} stroke={1.7} />
                API explorer
            </Link>
        </nav>
    );
}
