import { Page } from '@/parts/Page';

export function Domains() {
    return <Page title="Domains">{null}</Page>;
}
