import { Page } from '@/parts/Page';

export function TeamTokens() {
    return <Page title="TeamTokens">{null}</Page>;
}
