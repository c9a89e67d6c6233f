import { Page } from '@/parts/Page';

export function Security() {
    return <Page title="Security">{null}</Page>;
}
