import { Page } from '@/parts/Page';

export function TeamMap() {
    return <Page title="TeamMap">{null}</Page>;
}
