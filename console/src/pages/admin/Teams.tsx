import { Page } from '@/parts/Page';

export function Teams() {
    return <Page title="Teams">{null}</Page>;
}
