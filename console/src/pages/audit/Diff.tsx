import classes from './Log.module.css';

type Fields = Record<string, unknown>;

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 1)?.replaceAll('\n', ' ') ?? '');

// The fields that changed: what was there, and what is there now. The signs say it without colours.
export function Diff({ before, after }: { before: Fields; after: Fields }) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    if (names.length === 0) {
        return <p className="soft">No field was changed.</p>;
    }
    return (
        <dl className={classes.diff} aria-label="What changed">
            {names.map(name => (
                <div key={name}>
                    <dt className="mono">{name}</dt>
                    {name in before && shown(before[name]) !== shown(after[name]) && (
                        <dd className={classes.gone}>
                            <span aria-label="before">-</span> {shown(before[name])}
                        </dd>
                    )}
                    {name in after && (
                        <dd className={classes.come}>
                            <span aria-label="after">+</span> {shown(after[name])}
                        </dd>
                    )}
                </div>
            ))}
        </dl>
    );
}
