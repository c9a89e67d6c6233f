import { Page } from '@/parts/Page';

export function Profile() {
    return <Page title="Profile">{null}</Page>;
}
