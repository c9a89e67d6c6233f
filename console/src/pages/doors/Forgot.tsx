import { Page } from '@/parts/Page';

export function Forgot() {
    return <Page title="Forgot">{null}</Page>;
}
