import { Page } from '@/parts/Page';

export function NewTeam() {
    return <Page title="NewTeam">{null}</Page>;
}
