import { Page } from '@/parts/Page';

export function Deployment() {
    return <Page title="Deployment">{null}</Page>;
}
