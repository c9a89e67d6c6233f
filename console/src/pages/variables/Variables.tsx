import { Page } from '@/parts/Page';

export function Variables() {
    return <Page title="Variables">{null}</Page>;
}
