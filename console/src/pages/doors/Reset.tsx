import { Page } from '@/parts/Page';

export function Reset() {
    return <Page title="Reset">{null}</Page>;
}
