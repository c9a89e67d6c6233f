import { IconHistory } from '@tabler/icons-react';
import { useDebouncedValue } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { Filtering } from './Filtering';
import classes from './Log.module.css';
import { LogEntry } from './LogEntry';
import { merged } from './merge';
import { ALL, useEntries, useNews, type Entry } from './source';

// The log without an end: pages come as one scrolls, and what happens meanwhile comes in above.
export function Log({ team }: { team: string | null }) {
    const [filters, setFilters] = useState(ALL);
    const [settled] = useDebouncedValue(filters, 300);
    const read = useEntries(team, settled);
    const news = useNews(team, settled);
    const pages = read.data?.pages;
    const newest = read.isPlaceholderData ? [] : (news.data?.items ?? []);
    const entries = pages && merged(pages.flatMap(page => page.items), newest, news.data?.next === null);
    const gap = pages !== undefined && entries === undefined;
    const { refetch } = read;
    useEffect(() => {
        if (gap) {
            void refetch();
        }
    }, [gap, refetch]);
    const filtered = JSON.stringify(settled) !== JSON.stringify(ALL);
    return (
        <Panel title="What happened" actions={<Filtering filters={filters} onChange={setFilters} />} flush>
            <Loaded query={{ ...read, data: entries ?? (gap ? [] : undefined) }}>
                {rows =>
                    rows.length === 0 && !read.hasNextPage ? (
                        <Empty icon={<IconHistory />} title={filtered ? 'Nothing like that' : 'Nothing yet'}>
                            {filtered ? 'No entry fits all filters. An action may be the beginning of one, such as "projects.".' : 'Each change leaves an entry here.'}
                        </Empty>
                    ) : (
                        <Rows entries={rows} more={read.hasNextPage} asking={read.isFetchingNextPage} ask={() => void read.fetchNextPage()} />
                    )
                }
            </Loaded>
        </Panel>
    );
}

function Rows({ entries, more, asking, ask }: { entries: Entry[]; more: boolean; asking: boolean; ask: () => void }) {
    const list = useRef<HTMLDivElement>(null);
    const rows = useWindowVirtualizer({
        count: entries.length,
        estimateSize: () => 58,
        overscan: 12,
        scrollMargin: list.current?.offsetTop ?? 0,
        getItemKey: index => entries[index]?.sequence ?? index,
    });
    const shown = rows.getVirtualItems();
    const last = shown.at(-1)?.index ?? 0;
    useEffect(() => {
        if (more && !asking && last >= entries.length - 10) {
            ask();
        }
    }, [more, asking, last, entries.length, ask]);
    return (
        <>
            <div ref={list} role="feed" aria-label="Entries of the log" aria-busy={asking} className={classes.list} style={{ height: rows.getTotalSize() }}>
                {shown.map(row => {
                    const entry = entries[row.index];
                    return (
                        entry && (
                            <div key={row.key} ref={rows.measureElement} data-index={row.index} className={classes.row} style={{ transform: `translateY(${row.start - rows.options.scrollMargin}px)` }}>
                                <LogEntry entry={entry} />
                            </div>
                        )
                    );
                })}
            </div>
            <div className={`soft ${classes.end}`} role="status">
                {asking ? 'Earlier entries come...' : more ? '' : `${entries.length.toLocaleString('en')} entries; nothing is older.`}
            </div>
        </>
    );
}
