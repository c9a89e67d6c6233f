import { Page } from '@/parts/Page';

export function Policies() {
    return <Page title="Policies">{null}</Page>;
}
