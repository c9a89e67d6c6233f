import { Page } from '@/parts/Page';

export function Projects() {
    return <Page title="Projects">{null}</Page>;
}
