import { NativeSelect, Stack, Table, Text } from '@mantine/core';
import { IconMinus, IconPencil, IconPlus } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { $api, type Schema } from '@/api/query';
import { Loaded } from '@/parts/Loaded';
import { Panel } from '@/parts/Panel';
import { Wide } from '@/parts/Wide';
import { bytes, count } from '@/parts/units';
import { useProject } from '@/shell/where';
import { short, titleOf, type Deployment } from '../deeds';
import classes from './Diff.module.css';

const MOST = 500;

// What leads from another deployment, if nobody chooses the live one, to this.
export function Diff({ of }: { of: Deployment }) {
    const live = useProject(of.slug).data?.production ?? '';
    const others = $api.useQuery('get', '/v1/projects/{project}/deployments', { params: { path: { project: of.project }, query: { state: 'ready', limit: 50 } } });
    const choices = (others.data?.items ?? []).filter(one => one.id !== of.id);
    const [picked, pick] = useState('');
    const first = picked || (live && live !== of.id ? live : (choices.find(one => one.created_at < of.created_at && one.environment === of.environment) ?? choices[0])?.id) || '';
    const query = $api.useQuery('get', '/v1/deployments/{deployment}/diff/{other}', { params: { path: { deployment: first, other: of.id } } }, { enabled: first !== '', retry: false });
    if (others.isSuccess && !first) {
        return (
            <Panel>
                <Text className="soft">There is no other deployment to compare with.</Text>
            </Panel>
        );
    }
    return (
        <Stack>
            <NativeSelect
                label="Compare with"
                value={first}
                onChange={event => pick(event.currentTarget.value)}
                data={[
                    ...(live && live !== of.id && !choices.some(one => one.id === live) ? [{ value: live, label: 'What is live' }] : []),
                    ...choices.map(one => ({ value: one.id, label: `${one.live ? 'Live: ' : ''}${titleOf(one)} (${one.commit ? short(one.commit) : one.id.slice(-6)})` })),
                ]}
            />
            <Loaded query={query}>{found => <Found of={found} />}</Loaded>
        </Stack>
    );
}

function Found({ of }: { of: Schema<'DiffView'> }) {
    if (of.same) {
        return (
            <Panel>
                <Text>They are the same: files, rules, variables, schedules and settings.</Text>
            </Panel>
        );
    }
    const { files, rules } = of;
    return (
        <>
            <Panel title="Files" about={`${count(files.counts['added'] ?? 0)} added, ${count(files.counts['removed'] ?? 0)} removed, ${count(files.counts['changed'] ?? 0)} changed; ${files.bytes >= 0 ? '+' : '-'}${bytes(Math.abs(files.bytes))}`} flush>
                <div className={`wide ${classes.files}`} tabIndex={0} role="region" aria-label="Files that differ">
                    <Table verticalSpacing={4}>
                        <Table.Tbody>
                            {([['added', files.added], ['changed', files.changed], ['removed', files.removed]] as const).flatMap(([how, list]) =>
                                list.slice(0, MOST).map(file => (
                                    <Table.Tr key={how + file.path} className={classes[how]}>
                                        <Table.Td w={36}><Sign how={how} /></Table.Td>
                                        <Table.Td className="mono">{file.path}</Table.Td>
                                        <Table.Td className="numbers" ta="right">{sizes(file)}</Table.Td>
                                    </Table.Tr>
                                )),
                            )}
                        </Table.Tbody>
                    </Table>
                </div>
                {!files.added.length && !files.changed.length && !files.removed.length && <Text className="soft" p="md">No file differs.</Text>}
            </Panel>
            <Panel title="Rules" flush>
                {rules.same ? (
                    <Text className="soft" p="md">No rule differs.</Text>
                ) : (
                    <Wide name="Rules that differ">
                        <Table verticalSpacing={4}>
                            <Table.Tbody>
                                {([['added', rules.added], ['removed', rules.removed]] as const).flatMap(([how, list]) =>
                                    list.map((rule, index) => (
                                        <Table.Tr key={how + index} className={classes[how]}>
                                            <Table.Td w={36}><Sign how={how} /></Table.Td>
                                            <Table.Td>{rule.kind}</Table.Td>
                                            <Table.Td className="mono">{rule.pattern}</Table.Td>
                                            <Table.Td className="mono">{rule.to} {rule.status}</Table.Td>
                                        </Table.Tr>
                                    )),
                                )}
                            </Table.Tbody>
                        </Table>
                        {rules.reordered && <Text p="md">The order of the rules is another.</Text>}
                    </Wide>
                )}
            </Panel>
            <div className="columns">
                <Names title="Variables" of={of.variables} known={of.known} />
                <Names title="Build settings" of={of.settings} known={of.known} />
                <Names title="Schedules" of={{ added: of.schedules.added.map(one => one.name), changed: of.schedules.changed.map(one => one.name), removed: of.schedules.removed.map(one => one.name) }} known={of.known} />
            </div>
        </>
    );
}

type How = 'added' | 'changed' | 'removed';

const SIGNS: Record<How, ReactNode> = { added: <IconPlus size={14} aria-label="added" />, changed: <IconPencil size={14} aria-label="changed" />, removed: <IconMinus size={14} aria-label="removed" /> };

const Sign = ({ how }: { how: How }) => <span className={classes.sign}>{SIGNS[how]}</span>;

const sizes = ({ before, after }: { before: number | null; after: number | null }): string => (before !== null && after !== null ? `${bytes(before)} to ${bytes(after)}` : bytes(after ?? before ?? 0));

function Names({ title, of, known }: { title: string; of: Record<How, string[]>; known: boolean }) {
    const lines = (['added', 'changed', 'removed'] as const).flatMap(how => of[how].map(name => ({ how, name })));
    return (
        <Panel title={title}>
            {!known ? (
                <Text className="soft">Not known of a deployment that old.</Text>
            ) : lines.length ? (
                lines.map(({ how, name }) => (
                    <div key={how + name} className={classes[how]}>
                        <Sign how={how} /> <span className="mono">{name}</span>
                    </div>
                ))
            ) : (
                <Text className="soft">No difference.</Text>
            )}
        </Panel>
    );
}
