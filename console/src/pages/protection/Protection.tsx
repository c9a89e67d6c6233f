import { Page } from '@/parts/Page';

export function Protection() {
    return <Page title="Protection">{null}</Page>;
}
