import { Page } from '@/parts/Page';

export function ProjectSettings() {
    return <Page title="ProjectSettings">{null}</Page>;
}
