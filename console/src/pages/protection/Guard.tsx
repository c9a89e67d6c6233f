import { MultiSelect, SegmentedControl, Select, Stack, Switch, Textarea } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { $api } from '@/api/query';
import { useDraft, type Draft } from '@/parts/draft';
import { Loaded } from '@/parts/Loaded';
import { Notice } from '@/parts/Notice';
import { Panel } from '@/parts/Panel';
import { useMay } from '@/parts/permits';
import { SaveBar } from '@/parts/SaveBar';
import { Agents } from './Agents';
import { COUNTRIES } from './countries';
import { lines, networkFault, summary, type Guard as Document } from './guard';
import { Rates } from './Rates';

const ACTIONS = [{ value: 'off', label: 'Let through' }, { value: 'block', label: 'Refuse' }, { value: 'challenge', label: 'Ask for a proof of work' }];

// What a site turns away before anything else of it is asked.
export function Guard({ project }: { project: string }) {
    const guard = $api.useQuery('get', '/v1/projects/{project}/guard', { params: { path: { project } } });
    return <Loaded query={guard}>{found => <Editor project={project} kept={found as Document} />}</Loaded>;
}

function Editor({ project, kept }: { project: string; kept: Document }) {
    const protects = useMay()('site.protect');
    const draft = useDraft(kept, kept.version);
    const { value, change } = draft;
    const [onlySome, setOnlySome] = useState(kept.countries.allow.length > 0);
    const refused = networkFault([...value.addresses.deny, ...value.addresses.allow]);
    const save = () => api.PUT('/v1/projects/{project}/guard', { params: { path: { project } }, body: { ...value, version: draft.version } });
    return (
        <fieldset disabled={!protects} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
            <Stack>
                {kept.fault && (
                    <Notice tone="bad" title="This guard is not in force">
                        {kept.fault}
                    </Notice>
                )}
                {kept.under_attack && (
                    <Notice tone="warn" title="Under attack">
                        Every visitor's browser is asked for a proof of work. Programs are kept out, but for addresses that are let through.
                    </Notice>
                )}
                <Panel title="Under attack" about={summary(kept)}>
                    <Switch
                        label="Ask every visitor's browser for a proof of work"
                        description="It takes a moment, once in 30 minutes, and makes thousands of requests expensive. It stops programs: let theirs through below."
                        checked={value.under_attack}
                        onChange={event => change({ ...value, under_attack: event.currentTarget.checked })}
                    />
                </Panel>
                <Panel title="Addresses" about="Networks or single addresses, one in a line; 500 together.">
                    <div className="columns">
                        <Networks label="Refused" draft={draft} list="deny" />
                        <Networks label="Asked nothing more" draft={draft} list="allow" />
                    </div>
                </Panel>
                <Panel title="Countries">
                    <Stack>
                        <SegmentedControl
                            aria-label="Countries"
                            data={[{ value: 'deny', label: 'All but these' }, { value: 'allow', label: 'Only these' }]}
                            value={onlySome ? 'allow' : 'deny'}
                            onChange={side => {
                                setOnlySome(side === 'allow');
                                const named = [...value.countries.allow, ...value.countries.deny];
                                change({ ...value, countries: side === 'allow' ? { allow: named, deny: [] } : { allow: [], deny: named } });
                            }}
                        />
                        <MultiSelect
                            label={onlySome ? 'Only from these may visitors come' : 'From these nobody may come'}
                            description={onlySome ? 'Whoever is in no known country may not.' : undefined}
                            placeholder="Search a country"
                            data={COUNTRIES}
                            value={onlySome ? value.countries.allow : value.countries.deny}
                            onChange={named => change({ ...value, countries: onlySome ? { allow: named, deny: [] } : { allow: [], deny: named } })}
                            searchable
                            clearable
                            limit={60}
                        />
                    </Stack>
                </Panel>
                <Panel title="Bots" about="Names are easily lied about: this keeps out those that do not bother.">
                    <Stack>
                        <div className="columns">
                            <Select label="Scanners that give their name" data={ACTIONS} value={value.bots.known} allowDeselect={false} onChange={one => change({ ...value, bots: { ...value.bots, known: one as 'off' } })} />
                            <Select label="Requests without a User-Agent" data={ACTIONS} value={value.bots.unnamed} allowDeselect={false} onChange={one => change({ ...value, bots: { ...value.bots, unnamed: one as 'off' } })} />
                        </div>
                        <Agents draft={draft} />
                    </Stack>
                </Panel>
                <Rates draft={draft} />
                {protects && <SaveBar draft={draft} save={save} said="In force on every edge within seconds." touches={['/v1/projects/{project}/guard']} disabled={refused !== null} />}
            </Stack>
        </fieldset>
    );
}

// Written as lines, kept as a list: what is typed stays as it is until it is saved or dropped.
function Networks({ label, draft, list }: { label: string; draft: Draft<Document>; list: 'allow' | 'deny' }) {
    const kept = draft.value.addresses[list];
    const [typed, setTyped] = useState<string | null>(null);
    const text = draft.dirty && typed !== null ? typed : kept.join('\n');
    return (
        <Textarea
            label={label}
            placeholder={list === 'deny' ? '203.0.113.0/24' : '192.0.2.7'}
            rows={5}
            value={text}
            onChange={event => {
                setTyped(event.currentTarget.value);
                draft.change({ ...draft.value, addresses: { ...draft.value.addresses, [list]: lines(event.currentTarget.value) } });
            }}
            error={networkFault(kept)}
            spellCheck={false}
        />
    );
}
