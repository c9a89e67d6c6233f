import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './theme/mantine.css';
import './theme/variables.css';
import './theme/base.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './api/query';
import { behindHash } from './pages/doors/wanted';
import { Notices } from './parts/notices';
import { install } from './push/installed';
import { router } from './routes';
import { scheme } from './theme/scheme';
import { theme } from './theme/theme';

// Links in mails keep what they carry after `#`, where no server sees it.
const page = behindHash(location.hash, location.origin);
if (page !== null) {
    history.replaceState(null, '', page);
}

const app = (
    <StrictMode>
        <MantineProvider theme={theme} colorSchemeManager={scheme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
            <QueryClientProvider client={queries}>
                <Notices />
                <RouterProvider router={router} />
            </QueryClientProvider>
        </MantineProvider>
    </StrictMode>
);

// What index.html shows meanwhile stays until the page itself can be shown in its place.
router
    .load()
    .catch(() => undefined) // the router shows what did not come
    .then(() => {
        const root = createRoot(document.getElementById('root') as HTMLElement);
        // in small steps, between which the browser answers to whoever is quick
        startTransition(() => root.render(app));
    });

install();
