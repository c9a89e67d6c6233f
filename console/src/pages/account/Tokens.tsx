import { Page } from '@/parts/Page';

export function Tokens() {
    return <Page title="Tokens">{null}</Page>;
}
