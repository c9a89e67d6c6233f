import type { ReactNode } from 'react';
import classes from './Grid.module.css';
import { Wide } from './Wide';

export interface Column<Row> {
    label: string;
    hidden?: boolean;
    shows: (row: Row) => ReactNode;
}

// A table on wide screens, a list of cards on phones. A column with `hidden` has a name for those who hear it only.
export function Grid<Row>({ name, columns, rows, keyOf }: { name: string; columns: Column<Row>[]; rows: Row[]; keyOf: (row: Row) => string }) {
    return (
        <Wide name={name}>
            <table className={classes.grid} aria-label={name}>
                <thead>
                    <tr>
                        {columns.map(column => (
                            <th key={column.label} scope="col" aria-label={column.hidden ? column.label : undefined}>
                                {column.hidden ? null : column.label}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map(row => (
                        <tr key={keyOf(row)}>
                            {columns.map(column => (
                                <td key={column.label} data-label={column.hidden ? undefined : column.label}>
                                    <div>{column.shows(row)}</div>
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </Wide>
    );
}
