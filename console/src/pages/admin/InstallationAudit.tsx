import { Page } from '@/parts/Page';

export function InstallationAudit() {
    return <Page title="InstallationAudit">{null}</Page>;
}
