import { Link } from '@tanstack/react-router';
import { State } from '@/parts/State';
import { Address, Flags, Last } from './about';
import { Framework } from './Framework';
import { Mark } from './Mark';
import classes from './Projects.module.css';
import { stateOf, type Site } from './sites';
import { Thumbnail } from './Thumbnail';

// A project as a card with a picture of its site.
export function Card({ site }: { site: Site }) {
    const { word, tone } = stateOf(site);
    return (
        <article className={classes.card}>
            <Thumbnail of={{ id: site.id, name: site.name, framework: site.framework, url: site.url, version: site.production?.deployment ?? null, open: !site.protected }} />
            <div className={classes.body}>
                <div className={classes.line}>
                    <Link to={`/projects/${site.slug}`} className={`${classes.name} clip`}>
                        {site.name}
                    </Link>
                    <span className={classes.small}>
                        <Framework of={site.framework} />
                    </span>
                    <span className={classes.push}>
                        <State of={word} tone={tone} />
                    </span>
                </div>
                <div className={classes.line}>
                    <Address site={site} />
                    <Flags site={site} />
                </div>
                <Last site={site} />
            </div>
        </article>
    );
}

// A project as a row of a list.
export function Row({ site }: { site: Site }) {
    const { word, tone } = stateOf(site);
    return (
        <li className={classes.row}>
            <Mark id={site.id} name={site.name} size={40} />
            <div className={classes.who}>
                <div className={classes.line}>
                    <Link to={`/projects/${site.slug}`} className={`${classes.name} clip`} title={site.name}>
                        {site.name}
                    </Link>
                    <span className={classes.small}>
                        <Framework of={site.framework} />
                    </span>
                </div>
                <Address site={site} />
            </div>
            <div className={classes.said}>
                <Last site={site} />
            </div>
            <div className={classes.end}>
                <State of={word} tone={tone} />
                <div className={classes.line}>
                    <Flags site={site} />
                </div>
            </div>
        </li>
    );
}
