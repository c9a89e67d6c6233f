import { Button, Code, Collapse, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { done } from '@/parts/notices';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import classes from './Policies.module.css';

// A policy in words, and the Cedar that decides.
export function PolicyCard({ team, policy, manages, onEdit }: { team: string; policy: Schema<'PolicyView'>; manages: boolean; onEdit: () => void }) {
    const [shown, { toggle }] = useDisclosure();
    const [asked, setAsked] = useState(false);
    const remove = async () => {
        await api.DELETE('/v1/teams/{team}/policies/{policy}', { params: { path: { team, policy: policy.name } } });
        stale('/v1/teams/{team}/policies');
        done(`${policy.name} is gone.`);
    };
    return (
        <article className={classes.policy}>
            <Group gap="xs">
                <h3>{policy.name}</h3>
                <State of={policy.raw ? 'cedar' : policy.effect === 'deny' ? 'denies' : 'allows only'} tone={policy.raw ? 'idle' : policy.effect === 'deny' ? 'bad' : 'warn'} />
            </Group>
            {policy.description && <p>{policy.description}</p>}
            <p className="soft">{policy.words}</p>
            <p className="soft">
                Changed <When at={policy.updated_at} /> by <Who id={policy.updated_by} />
            </p>
            <Group gap="xs">
                {manages && (
                    <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Change ${policy.name}`}>
                        Change
                    </Button>
                )}
                <Button size="compact-sm" variant="subtle" onClick={toggle} aria-expanded={shown}>
                    {shown ? 'Hide Cedar' : 'Show Cedar'}
                </Button>
                {manages && (
                    <Button size="compact-sm" variant="subtle" color="red" onClick={() => setAsked(true)} aria-label={`Delete ${policy.name}`}>
                        Delete
                    </Button>
                )}
            </Group>
            <Collapse expanded={shown}>
                <Code block className={classes.cedar} tabIndex={0} aria-label={`Cedar of ${policy.name}`}>
                    {policy.cedar}
                </Code>
            </Collapse>
            <Confirm opened={asked} onClose={() => setAsked(false)} title={`Delete ${policy.name}?`} action="Delete" onConfirm={remove}>
                What it forbids is allowed again from the next request on, as far as roles permit it.
            </Confirm>
        </article>
    );
}
