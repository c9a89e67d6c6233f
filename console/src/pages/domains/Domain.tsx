import { Page } from '@/parts/Page';

export function Domain() {
    return <Page title="Domain">{null}</Page>;
}
