import { Page } from '@/parts/Page';

export function Rules() {
    return <Page title="Rules">{null}</Page>;
}
