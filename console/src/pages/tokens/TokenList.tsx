import { Badge, Button, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { stale, type Schema } from '@/api/query';
import { Confirm } from '@/parts/Confirm';
import { Grid } from '@/parts/Grid';
import { done } from '@/parts/notices';
import { State } from '@/parts/State';
import { When } from '@/parts/When';
import { Who } from '@/parts/Who';
import { useProject } from '@/shell/where';

export type Token = Schema<'TeamsKeyView'>;

const KINDS: Record<string, string> = { api_key: 'personal', service: 'service', deploy_key: 'deploy key' };

export function TokenList({ rows }: { rows: Token[] }) {
    const [asked, setAsked] = useState<Token>();
    const revoke = async () => {
        await api.DELETE('/v1/keys/{key_id}', { params: { path: { key_id: asked?.id ?? '' } } });
        stale('/v1/keys');
        done(`${asked?.name} is refused from now on.`);
    };
    return (
        <>
            <Grid
                name="Tokens"
                rows={rows}
                keyOf={token => token.id}
                columns={[
                    { label: 'Name', shows: token => <><strong>{token.name}</strong><div className="soft mono">{token.prefix}…</div></> },
                    { label: 'Kind', shows: token => <>{KINDS[token.kind] ?? token.kind}{token.role && <div className="soft">as {token.role}</div>}{token.project && <OfProject id={token.project} />}</> },
                    { label: 'Scopes', shows: token => <Scopes of={token.scopes} /> },
                    { label: 'Made', shows: token => <><When at={token.created_at} /> <div className="soft">by <Who id={token.created_by} /></div></> },
                    { label: 'Last used', shows: token => <When at={token.last_used_at} /> },
                    { label: 'Ends', shows: token => <Ends of={token} /> },
                    {
                        label: 'What can be done',
                        hidden: true,
                        shows: token => (
                            <Button size="compact-sm" variant="subtle" color="red" aria-label={`Revoke ${token.name}`} onClick={() => setAsked(token)}>
                                Revoke
                            </Button>
                        ),
                    },
                ]}
            />
            <Confirm opened={asked !== undefined} onClose={() => setAsked(undefined)} title={`Revoke ${asked?.name}?`} action="Revoke" onConfirm={revoke}>
                Whatever uses this token is refused at its next request. It cannot be brought back; a new token has another secret.
            </Confirm>
        </>
    );
}

// Keys name their project by its id, which says nothing to people.
function OfProject({ id }: { id: string }) {
    const { data } = useProject(id);
    return <div className="soft">{data ? <Link to={`/projects/${data.slug}/settings`}>{data.name}</Link> : <span className="mono">{id}</span>}</div>;
}

const SHOWN = 3;

function Scopes({ of }: { of: string[] }) {
    if (of.length === 0) {
        return <span className="soft">all of its role</span>;
    }
    return (
        <Group gap={4} title={of.join(', ')}>
            {of.slice(0, SHOWN).map(scope => (
                <Badge key={scope} variant="default" tt="none" fw={500}>
                    {scope}
                </Badge>
            ))}
            {of.length > SHOWN && <span className="soft">and {of.length - SHOWN} more</span>}
        </Group>
    );
}

function Ends({ of }: { of: Token }) {
    const over = of.expires_at !== null && new Date(of.expires_at).getTime() < Date.now();
    return (
        <>
            {over ? <State of="expired" /> : of.expires_at ? <When at={of.expires_at} /> : <span className="soft">never</span>}
            {of.rate_per_minute && <div className="soft">{of.rate_per_minute} a minute</div>}
        </>
    );
}
