import { MultiSelect, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { mayGive, PERMISSIONS, permits, ROLES, WORDS } from '@/parts/roles';
import { about, useWrite } from '@/parts/write';

const ENDS = [
    { value: '7', label: 'In 7 days' },
    { value: '30', label: 'In 30 days' },
    { value: '90', label: 'In 90 days' },
    { value: '365', label: 'In a year' },
    { value: '', label: 'Never' },
];

// Makes a key of one's own, or a service token, which has a role of its own and outlives who made it.
export function NewToken({ team, role, onClose, onMade }: { team: string; role: string; onClose: () => void; onMade: (key: Schema<'NewKeyView'>) => void }) {
    const [name, setName] = useState('');
    const [kind, setKind] = useState<'api_key' | 'service'>('api_key');
    const [as, setAs] = useState('viewer');
    const [scopes, setScopes] = useState<string[]>([]);
    const [ends, setEnds] = useState('90');
    const [rate, setRate] = useState<number | string>('');
    const write = useWrite('/v1/keys');
    const acting = kind === 'service' ? as : role;
    const send = async () => {
        const { data } = await api.POST('/v1/keys', {
            body: {
                name: name.trim(),
                team,
                kind,
                role: kind === 'service' ? (as as never) : null,
                scopes: scopes.filter(scope => permits(acting, scope as never)),
                expires_in_days: ends ? Number(ends) : null,
                rate_per_minute: rate === '' ? null : Number(rate),
            },
        });
        if (data) {
            onMade(data);
        }
    };
    return (
        <FormModal opened onClose={onClose} title="New token" action="Make the token" write={write} send={send}>
            {permits(role, 'key.manage') && (
                <SegmentedControl
                    aria-label="Kind of token"
                    value={kind}
                    onChange={value => setKind(value as typeof kind)}
                    data={[
                        { value: 'api_key', label: 'Personal' },
                        { value: 'service', label: 'Service' },
                    ]}
                />
            )}
            <p className="soft" style={{ margin: 0 }}>
                {kind === 'service' ? 'Acts for the team, with a role of its own. It stays when you leave.' : 'Acts as you, in this team only. It ends when you leave the team.'}
            </p>
            <TextInput label="Name" required data-autofocus placeholder="nightly build" value={name} error={about(write.fault, '/name')} onChange={event => setName(event.currentTarget.value)} />
            {kind === 'service' && (
                <Select label="Role" data={ROLES.filter(one => mayGive(role, one))} value={as} allowDeselect={false} error={about(write.fault, '/role')} onChange={value => setAs(value ?? 'viewer')} />
            )}
            <MultiSelect
                label="Scopes"
                description="None: everything that its role may do."
                placeholder={scopes.length ? undefined : 'Narrow it'}
                searchable
                clearable
                data={PERMISSIONS.filter(permission => permits(acting, permission))}
                renderOption={({ option }) => (
                    <span>
                        <span className="mono">{option.value}</span>
                        <br />
                        <span className="soft">{WORDS[option.value as keyof typeof WORDS]}</span>
                    </span>
                )}
                value={scopes}
                error={about(write.fault, '/scopes')}
                onChange={setScopes}
            />
            <Select label="Ends" data={ENDS} value={ends} allowDeselect={false} onChange={value => setEnds(value ?? '90')} />
            <NumberInput
                label="Requests a minute"
                description="A limit of its own, from 1 to 6,000. Empty: the usual limits."
                allowDecimal={false}
                value={rate}
                error={about(write.fault, '/rate_per_minute')}
                onChange={setRate}
            />
        </FormModal>
    );
}
