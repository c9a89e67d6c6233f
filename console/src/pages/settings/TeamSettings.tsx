import { Page } from '@/parts/Page';

export function TeamSettings() {
    return <Page title="TeamSettings">{null}</Page>;
}
