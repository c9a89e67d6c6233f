import { Page } from '@/parts/Page';

export function Delivery() {
    return <Page title="Delivery">{null}</Page>;
}
