import { Autocomplete, Button, NativeSelect } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconCircleDot, IconGitBranch, IconStack2, IconUser } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { $api } from '@/api/query';
import { useInAddress } from '@/parts/address';
import { useHere, useMe, useProject } from '@/shell/where';
import classes from './deployments.module.css';
import { STATES } from './states';

const TYPING_MS = 400;

// What is looked for among deployments; it stands in the address, so that a list can be sent to somebody.
export function useFilters() {
    const [branch, setBranch] = useInAddress('branch', '');
    const [author, setAuthor] = useInAddress('by', '');
    const [environment, setEnvironment] = useInAddress('environment', '');
    const [state, setState] = useInAddress('state', '');
    const asked = { ...(branch && { branch }), ...(author && { created_by: author }), ...(environment && { environment }), ...(state && { state }) };
    return { branch, setBranch, author, setAuthor, environment, setEnvironment, state, setState, asked, some: Object.keys(asked).length > 0 };
}

const titled = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export function Filters({ project, of, clear }: { project: string; of: ReturnType<typeof useFilters>; clear: () => void }) {
    const [typed, setTyped] = useState(of.branch);
    const type = useDebouncedCallback((value: string) => of.setBranch(value.trim()), TYPING_MS);
    useEffect(() => setTyped(of.branch), [of.branch]);
    const me = useMe().data?.user;
    const { team } = useHere();
    const path = { params: { path: { project } } };
    const own = useProject(project).data?.production_branch;
    const environments = $api.useQuery('get', '/v1/projects/{project}/environments', path, { staleTime: 60_000 });
    const aliases = $api.useQuery('get', '/v1/projects/{project}/aliases', path, { staleTime: 60_000 });
    const members = $api.useQuery('get', '/v1/teams/{team}/members', { params: { path: { team: team?.id ?? '' }, query: { limit: 100 } } }, { enabled: team !== undefined, staleTime: 300_000 });
    const branches = [...new Set([own, ...(aliases.data?.items.filter(one => one.kind === 'branch').map(one => one.of) ?? [])])].filter((one): one is string => Boolean(one));
    const people = (members.data?.items ?? []).map(one => ({ value: one.user, label: one.user === me?.id ? `${one.name} (you)` : one.name }));
    const known = people.some(one => one.value === of.author) || !of.author;
    return (
        <div className={classes.filters} role="search" aria-label="Filter the deployments">
            <Autocomplete
                aria-label="Branch"
                placeholder="All branches"
                leftSection={<IconGitBranch size={16} />}
                data={branches}
                value={typed}
                onChange={value => {
                    setTyped(value);
                    type(value);
                }}
                spellCheck={false}
            />
            <NativeSelect
                aria-label="Author"
                leftSection={<IconUser size={16} />}
                value={of.author}
                onChange={event => of.setAuthor(event.currentTarget.value)}
                data={[{ value: '', label: 'All authors' }, ...people, ...(known ? [] : [{ value: of.author, label: of.author }])]}
            />
            <NativeSelect
                aria-label="Environment"
                leftSection={<IconStack2 size={16} />}
                value={of.environment}
                onChange={event => of.setEnvironment(event.currentTarget.value)}
                data={[{ value: '', label: 'All environments' }, ...(environments.data?.items.map(one => ({ value: one.name, label: titled(one.name) })) ?? [])]}
            />
            <NativeSelect
                aria-label="State"
                leftSection={<IconCircleDot size={16} />}
                value={of.state}
                onChange={event => of.setState(event.currentTarget.value)}
                data={[{ value: '', label: 'All states' }, ...STATES.map(one => ({ value: one, label: titled(one) }))]}
            />
            {of.some && (
                <Button
                    variant="subtle"
                    color="gray"
                    onClick={() => {
                        setTyped('');
                        clear();
                    }}
                >
                    Clear
                </Button>
            )}
        </div>
    );
}
