import { Stack, TextInput } from '@mantine/core';
import { IconRoute, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { More } from '@/parts/More';
import { Panel } from '@/parts/Panel';
import { State } from '@/parts/State';
import { count } from '@/parts/units';
import { Beside } from './Beside';
import { conditions, effect, fits, type Rule } from './conditions';
import classes from './rules.module.css';

// The rules of a deployment in their order, a thousand at a time, drawn as far as they are seen.
export function Table({ deployment }: { deployment: string }) {
    const [said, setSaid] = useState('');
    const pages = $api.useInfiniteQuery('get', '/v1/deployments/{deployment}/rules', { params: { path: { deployment } } }, {
        pageParamName: 'after',
        initialPageParam: null as never,
        getNextPageParam: (page: { next: number | null }) => page.next ?? undefined,
        staleTime: Infinity,
    });
    return (
        <Loaded query={pages} rows={6}>
            {({ pages: got }) => {
                const rules = got.flatMap(page => page.rules);
                const first = got[0];
                return (
                    <Stack>
                        <Panel
                            title={`Rules (${count(first?.total ?? 0)})`}
                            about="The first that fits decides. Forced ones come before files, the others after them."
                            flush
                            actions={rules.length > 0 && <TextInput aria-label="Search the rules" placeholder="Path, target, file, status" leftSection={<IconSearch size={15} />} value={said} onChange={event => setSaid(event.currentTarget.value)} />}
                        >
                            {rules.length ? (
                                <Rows rules={rules} said={said} />
                            ) : (
                                <Empty icon={<IconRoute />} title="This deployment has no rules">
                                    They are read from _redirects, _headers, netlify.toml, vercel.json and clouddeck.toml. Try some in the playground.
                                </Empty>
                            )}
                            <More of={pages} />
                        </Panel>
                        {first && <Beside of={first} />}
                    </Stack>
                );
            }}
        </Loaded>
    );
}

const TALL = 62;

export function Rows({ rules, said = '' }: { rules: Rule[]; said?: string }) {
    const shown = useMemo(() => (said.trim() ? rules.filter(rule => fits(rule, said)) : rules), [rules, said]);
    const box = useRef<HTMLDivElement>(null);
    const rows = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => TALL, overscan: 12 });
    if (!shown.length) {
        return <Empty title="Nothing fits">None of the rules that are loaded has all of these words.</Empty>;
    }
    return (
        <div ref={box} className={classes.rows} tabIndex={0} role="region" aria-label="Rules">
            <ol className={classes.all} style={{ height: rows.getTotalSize() }}>
                {rows.getVirtualItems().map(item => {
                    const rule = shown[item.index];
                    return (
                        rule && (
                            <li key={item.key} ref={rows.measureElement} data-index={item.index} className={classes.rule} style={{ transform: `translateY(${item.start}px)` }}>
                                <One rule={rule} />
                            </li>
                        )
                    );
                })}
            </ol>
        </div>
    );
}

// None of them moves, so none has the colour that breathes.
const TONES = { redirect: 'good', proxy: 'warn', rewrite: 'idle', page: 'idle' } as const;

function One({ rule }: { rule: Rule }) {
    const does = effect(rule) as keyof typeof TONES;
    const asks = conditions(rule.when);
    return (
        <>
            <span className={classes.does}>
                <State of={`${does} ${rule.status}`} tone={TONES[does]} />
            </span>
            <span className={classes.way}>
                <span className="mono">{rule.path}</span> <span aria-label="leads to">→</span> <span className="mono">{rule.to}</span>
                {(asks.length > 0 || rule.force || !rule.keep_query || rule.adds.length > 0) && (
                    <span className={classes.asks}>
                        {[rule.force && 'before files', ...asks.map(one => `if ${one}`), !rule.keep_query && 'without the query', rule.adds.length > 0 && `adds ${rule.adds.join(', ')}`].filter(Boolean).join(', ')}
                    </span>
                )}
            </span>
            <span className={`${classes.place} mono`}>
                {rule.source}:{rule.line}
            </span>
        </>
    );
}
