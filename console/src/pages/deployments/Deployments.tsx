import { Page } from '@/parts/Page';

export function Deployments() {
    return <Page title="Deployments">{null}</Page>;
}
