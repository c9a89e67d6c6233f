import { Page } from '@/parts/Page';

export function TeamDomains() {
    return <Page title="TeamDomains">{null}</Page>;
}
