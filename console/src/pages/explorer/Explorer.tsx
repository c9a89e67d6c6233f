import { Page } from '@/parts/Page';

export function Explorer() {
    return <Page title="Explorer">{null}</Page>;
}
