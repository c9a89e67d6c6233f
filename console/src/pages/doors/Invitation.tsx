import { Page } from '@/parts/Page';

export function Invitation() {
    return <Page title="Invitation">{null}</Page>;
}
