import { Stack, TextInput } from '@mantine/core';
import { $api } from '@/api/query';
import { address } from '../about';
import { slugFault } from './slug';

// The name that people read, and the one in the address.
export function Details({ name, slug, taken, setName, setSlug }: { name: string; slug: string; taken: string; setName: (name: string) => void; setSlug: (slug: string) => void }) {
    const meta = $api.useQuery('get', '/v1/meta', {}, { staleTime: Infinity });
    const fault = slug === '' && name === '' ? '' : slugFault(slug);
    const where = meta.data ? address(meta.data.sites.replace('{label}', slug || 'name')) : '';
    return (
        <Stack gap="sm">
            <TextInput label="Name" value={name} onChange={event => setName(event.currentTarget.value)} maxLength={80} required autoComplete="off" />
            <TextInput
                label="Name in the address"
                description={where && `The site will be at ${where}`}
                classNames={{ input: 'mono' }}
                value={slug}
                onChange={event => setSlug(event.currentTarget.value.toLowerCase())}
                error={fault || (taken === slug && slug !== '' ? `There is a site called ${slug} already. Choose another name.` : undefined)}
                required
                autoComplete="off"
                spellCheck={false}
            />
        </Stack>
    );
}
