import { Page } from '@/parts/Page';

export function ProjectMap() {
    return <Page title="ProjectMap">{null}</Page>;
}
