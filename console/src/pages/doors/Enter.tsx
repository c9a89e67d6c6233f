import { Page } from '@/parts/Page';

export function Enter() {
    return <Page title="Enter">{null}</Page>;
}
