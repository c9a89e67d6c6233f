import { Page } from '@/parts/Page';

export function AccessRequests() {
    return <Page title="AccessRequests">{null}</Page>;
}
