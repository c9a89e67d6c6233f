import { resolved, typeOf, type Document, type Shape } from './document';
import classes from './Explorer.module.css';

// What an object holds; what is inside its parts opens when it is asked for. `asks` says what has to be given.
export function ShapeView({ shape, document, asks, depth = 0 }: { shape: Shape; document: Document; asks?: boolean; depth?: number }) {
    const inner = inside(shape, document);
    if (!inner?.properties) {
        return <span className="mono soft">{typeOf(shape)}</span>;
    }
    const required = new Set(inner.required);
    return (
        <ul className={classes.shape}>
            {Object.entries(inner.properties).map(([name, part]) => {
                const deeper = inside(part, document)?.properties && depth < 8;
                const line = (
                    <>
                        <span className="mono">{name}</span> <span className={`mono ${classes.type}`}>{typeOf(part)}</span>
                        {asks && required.has(name) && <span className={classes.required}>required</span>}
                        {part.description && <span className="soft"> {part.description}</span>}
                    </>
                );
                return (
                    <li key={name}>
                        {deeper ? (
                            <details>
                                <summary>{line}</summary>
                                <ShapeView shape={part} document={document} asks={asks} depth={depth + 1} />
                            </details>
                        ) : (
                            line
                        )}
                    </li>
                );
            })}
        </ul>
    );
}

// The object that a shape is, lists, or may be.
function inside(shape: Shape, document: Document): Shape | undefined {
    const whole = resolved(shape, document);
    if (whole.properties) {
        return whole;
    }
    if (whole.items) {
        return inside(whole.items, document);
    }
    return whole.anyOf?.map(part => inside(part, document)).find(part => part?.properties);
}
