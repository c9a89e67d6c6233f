import { useNetwork } from '@mantine/hooks';
import { IconCloudOff } from '@tabler/icons-react';
import { queries } from '@/api/query';
import { Empty } from '@/parts/Empty';

// Started without a network: nothing is known that could be shown.
export function useBare(): boolean {
    const { online } = useNetwork();
    return !online && queries.getQueryCache().getAll().every(query => query.state.data === undefined);
}

export function Offline() {
    return (
        <Empty icon={<IconCloudOff size={26} />} title="You are offline">
            Nothing of your teams was loaded before the connection went. This page goes on by itself as soon as it is back; your sites are served as ever.
        </Empty>
    );
}
