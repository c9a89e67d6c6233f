import { Page } from '@/parts/Page';

export function Project() {
    return <Page title="Project">{null}</Page>;
}
