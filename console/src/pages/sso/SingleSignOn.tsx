import { Page } from '@/parts/Page';

export function SingleSignOn() {
    return <Page title="SingleSignOn">{null}</Page>;
}
