import { Page } from '@/parts/Page';

export function Rollout() {
    return <Page title="Rollout">{null}</Page>;
}
