import { Page } from '@/parts/Page';

export function NewProject() {
    return <Page title="NewProject">{null}</Page>;
}
