import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { $api } from '@/api/query';
import { Empty } from '@/parts/Empty';
import { Loaded } from '@/parts/Loaded';
import { useInAddress } from '@/parts/address';
import { byTag, found, operations, type Document } from './document';
import classes from './Explorer.module.css';
import { Method, OperationView } from './OperationView';

export function Rest() {
    const query = $api.useQuery('get', '/v1/openapi.json', {}, { staleTime: Infinity });
    return <Loaded query={query}>{data => <Operations document={data as unknown as Document} />}</Loaded>;
}

function Operations({ document }: { document: Document }) {
    const all = useMemo(() => operations(document), [document]);
    const [words, setWords] = useState('');
    const [chosen, choose] = useInAddress('operation', '');
    const wanted = useDeferredValue(words);
    const groups = useMemo(() => byTag(found(all, wanted)), [all, wanted]);
    const current = all.find(one => one.id === chosen) ?? all.find(one => one.path === '/v1/me') ?? all[0];
    return (
        <div className={classes.explorer}>
            <nav aria-label="Operations" className={classes.list}>
                <TextInput aria-label="Search operations" placeholder={`Search ${all.length} operations`} leftSection={<IconSearch size={16} />} value={words} onChange={event => setWords(event.currentTarget.value)} />
                <div className={classes.groups}>
                    {groups.length === 0 && <Empty title="Nothing found">No operation has all of these words.</Empty>}
                    {groups.map(([tag, members]) => (
                        <details key={tag} open={wanted !== '' || current?.tag === tag}>
                            <summary>
                                {tag} <span className="soft numbers">{members.length}</span>
                            </summary>
                            <ul>
                                {members.map(one => (
                                    <li key={one.id}>
                                        <button type="button" aria-current={one === current ? 'true' : undefined} onClick={() => choose(one.id)}>
                                            <Method of={one.method} />
                                            <span className={classes.short}>
                                                <span className="clip">{one.summary}</span>
                                                <span className="mono soft clip">{one.path.replace('/v1', '')}</span>
                                            </span>
                                        </button>
                                    </li>
                                ))}
                            </ul>
                        </details>
                    ))}
                </div>
            </nav>
            {current && <OperationView key={current.id} of={current} document={document} />}
        </div>
    );
}
