import { Page } from '@/parts/Page';

export function Traffic() {
    return <Page title="Traffic">{null}</Page>;
}
