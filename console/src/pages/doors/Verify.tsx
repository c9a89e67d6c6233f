import { Page } from '@/parts/Page';

export function Verify() {
    return <Page title="Verify">{null}</Page>;
}
