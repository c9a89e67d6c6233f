import { MultiSelect, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import type { Draft } from '@/parts/draft';
import { Panel } from '@/parts/Panel';
import { COUNTRIES } from '../protection/countries';
import type { Delivery, Match } from './delivery';

const KINDS = [
    { value: 'nobody', label: 'Nobody in particular' },
    { value: 'header', label: 'Requests with a header' },
    { value: 'cookie', label: 'Visitors with a cookie' },
    { value: 'country', label: 'Visitors from some countries' },
];

// Whom a release is shown to whatever its share, such as testers, or a region.
export function Matching({ draft }: { draft: Draft<Delivery> }) {
    const { match, strategy } = draft.value;
    if (strategy === 'instant') {
        return null;
    }
    const set = (next: Match | null) => draft.change({ ...draft.value, match: next });
    return (
        <Panel title="Who sees it first" about="These see the new version in every step, whatever its share. A step of 0 % is for them alone.">
            <Stack>
                <Select label="Who" data={KINDS} value={match?.kind ?? 'nobody'} allowDeselect={false} onChange={kind => set(kind === 'nobody' ? null : { kind: kind as Match['kind'], name: '', values: [] })} />
                {match && match.kind !== 'country' && (
                    <TextInput label={match.kind === 'header' ? 'Name of the header' : 'Name of the cookie'} placeholder={match.kind === 'header' ? 'X-Beta' : 'beta'} value={match.name} onChange={event => set({ ...match, name: event.currentTarget.value })} />
                )}
                {match &&
                    (match.kind === 'country' ? (
                        <MultiSelect label="Countries" placeholder="Search a country" data={COUNTRIES} value={match.values} onChange={values => set({ ...match, values })} maxValues={20} limit={60} searchable />
                    ) : (
                        <TagsInput label="Values" description="Press Enter after each; one of them is enough." value={match.values} onChange={values => set({ ...match, values })} maxTags={20} />
                    ))}
            </Stack>
        </Panel>
    );
}
