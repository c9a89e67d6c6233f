import { Page } from '@/parts/Page';

export function Notifications() {
    return <Page title="Notifications">{null}</Page>;
}
