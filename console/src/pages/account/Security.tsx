import { Page } from '@/parts/Page';
import { Factors } from './security/Factors';
import { Identities } from './security/Identities';
import { Password } from './security/Password';
import { Sessions } from './security/Sessions';

// Everything by which one gets in, and who is in now.
export function Security() {
    return (
        <Page title="Security" about="By what you sign in, and where you are signed in.">
            <Factors />
            <Password />
            <Identities />
            <Sessions />
        </Page>
    );
}
