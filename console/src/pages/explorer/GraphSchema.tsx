import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import classes from './Explorer.module.css';

interface TypeRef {
    kind: string;
    name: string | null;
    ofType: TypeRef | null;
}

interface Field {
    name: string;
    description?: string | null;
    type: TypeRef;
    args?: { name: string; type: TypeRef }[];
}

interface Kind {
    name: string;
    kind: string;
    description: string | null;
    fields: Field[] | null;
    inputFields: Field[] | null;
}

const REF = 'kind name ofType { kind name ofType { kind name ofType { kind name } } }';
const LEARN = `{ __schema { types { name kind description
  fields { name description type { ${REF} } args { name type { ${REF} } } }
  inputFields { name type { ${REF} } } } } }`;

function written(type: TypeRef | null): string {
    if (!type) {
        return '';
    }
    if (type.kind === 'NON_NULL') {
        return `${written(type.ofType)}!`;
    }
    return type.kind === 'LIST' ? `[${written(type.ofType)}]` : (type.name ?? '');
}

async function learn(): Promise<Kind[]> {
    const { data } = await api.POST('/v1/graphql', { body: { query: LEARN } });
    const found = data?.data as { __schema: { types: Kind[] } } | undefined;
    const first = ['Query', 'Mutation'];
    return (found?.__schema.types ?? [])
        .filter(kind => !kind.name.startsWith('__') && (kind.fields ?? kind.inputFields))
        .sort((a, b) => first.indexOf(b.name) - first.indexOf(a.name) || a.name.localeCompare(b.name));
}

// The types of the graph, as the API itself tells them.
export function GraphSchema() {
    const query = useQuery({ queryKey: ['graphql', 'schema'], queryFn: learn, staleTime: Infinity });
    const [words, setWords] = useState('');
    return (
        <Panel title="Schema" about="Every field that fetches something says which route it asks.">
            <TextInput label="Search types and fields" mb="sm" value={words} onChange={event => setWords(event.currentTarget.value)} />
            <Loaded query={query}>
                {kinds =>
                    kinds
                        .filter(kind => JSON.stringify(kind).toLowerCase().includes(words.toLowerCase()))
                        .map(kind => (
                            <details key={kind.name} open={kind.name === 'Query'} className={classes.kind}>
                                <summary>
                                    <span className="mono">{kind.name}</span> <span className="soft">{kind.description}</span>
                                </summary>
                                <ul className={classes.shape}>
                                    {(kind.fields ?? kind.inputFields ?? []).map(field => (
                                        <li key={field.name}>
                                            <span className="mono">
                                                {field.name}
                                                {!!field.args?.length && `(${field.args.map(one => `${one.name}: ${written(one.type)}`).join(', ')})`}
                                            </span>{' '}
                                            <span className={`mono ${classes.type}`}>{written(field.type)}</span> <span className="soft">{field.description}</span>
                                        </li>
                                    ))}
                                </ul>
                            </details>
                        ))
                }
            </Loaded>
        </Panel>
    );
}
