import { Page } from '@/parts/Page';

export function Previews() {
    return <Page title="Previews">{null}</Page>;
}
