import { Page } from '@/parts/Page';

export function InstallationSettings() {
    return <Page title="InstallationSettings">{null}</Page>;
}
