import '@mantine/notifications/styles.css';

import { Notifications } from '@mantine/notifications';

// Where sentences about what was done appear. It comes with the first of them.
export function Corner() {
    return <Notifications position="bottom-right" />;
}
