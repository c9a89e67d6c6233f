import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Schema } from '@/api/query';
import { FormModal } from '@/parts/FormModal';
import { about, useWrite } from '@/parts/write';
import { EDITABLE, lines, SHAPES, shortName, type Type } from './recordsets';

// All values of one name and type; they are written in place of what is there.
export function EditRecords({ team, zone, kept, onClose }: { team: string; zone: string; kept: Schema<'RecordSetView'> | null; onClose: () => void }) {
    const [name, setName] = useState(kept ? shortName(kept.name, zone) : '');
    const [type, setType] = useState<Type>((kept?.type as Type | undefined) ?? 'A');
    const [values, setValues] = useState(kept?.values.join('\n') ?? '');
    const [ttl, setTtl] = useState(kept?.ttl ?? 300);
    const write = useWrite('/v1/teams/{team}/zones');
    const shape = SHAPES[type];
    const send = () => api.PUT('/v1/teams/{team}/zones/{zone}/records', { params: { path: { team, zone } }, body: { name: name.trim() || '@', type, values: lines(values), ttl } });
    return (
        <FormModal opened onClose={onClose} title={kept ? `${kept.type} records of ${shortName(kept.name, zone)}` : `Add records to ${zone}`} action="Write" write={write} send={send} said="The records are written." disabled={lines(values).length === 0}>
            <TextInput label="Name" placeholder="@" description={`@ is ${zone} itself; www is www.${zone}`} value={name} disabled={kept !== null} onChange={event => setName(event.currentTarget.value)} error={about(write.fault, '/name')} autoComplete="off" data-autofocus />
            <Select label="Type" data={[...EDITABLE]} value={type} disabled={kept !== null} allowDeselect={false} onChange={value => setType(value as Type)} error={about(write.fault, '/type')} />
            <Textarea label="Values" description={`${shape.says}, one in a line`} placeholder={shape.like} rows={4} autosize={false} value={values} onChange={event => setValues(event.currentTarget.value)} error={about(write.fault, '/values')} spellCheck={false} />
            <NumberInput label="Time to live" suffix=" s" min={30} max={86_400} value={ttl} onChange={value => setTtl(Number(value) || 300)} error={about(write.fault, '/ttl')} />
        </FormModal>
    );
}
