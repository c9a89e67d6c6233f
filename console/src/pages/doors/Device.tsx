import { Page } from '@/parts/Page';

export function Device() {
    return <Page title="Device">{null}</Page>;
}
