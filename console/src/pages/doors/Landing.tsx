import { Page } from '@/parts/Page';

export function Landing() {
    return <Page title="Landing">{null}</Page>;
}
