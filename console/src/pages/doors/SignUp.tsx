import { Page } from '@/parts/Page';

export function SignUp() {
    return <Page title="SignUp">{null}</Page>;
}
