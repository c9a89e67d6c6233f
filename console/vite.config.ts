import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

// `CLOUDDECK_API=http://localhost:8080 npm run dev` works on the pages beside a running cloud.
const api = process.env.CLOUDDECK_API ?? 'http://localhost:8080';

// The addresses of that cloud, with the API at our own so that no browser asks who we are.
function addresses(): Plugin {
    return {
        name: 'addresses',
        configureServer: server => {
            server.middlewares.use('/config.json', async (_, answer) => {
                const found = await fetch(`${api}/config.json`).then(said => said.json());
                answer.setHeader('Content-Type', 'application/json');
                answer.end(JSON.stringify({ ...found, api: '/' }));
            });
        },
    };
}

export default defineConfig({
    plugins: [react(), addresses()],
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
    build: {
        target: 'es2022',
        // The policy of the console lets no `data:` into scripts, styles and fonts.
        assetsInlineLimit: 0,
        // Pages come with their own styles, so that the first of them is small.
        cssCodeSplit: true,
        rollupOptions: {
            input: { main: 'index.html', landing: 'landing.html', sw: 'src/sw.ts' },
            // The service worker is asked for by a name that stays, and rules over everything below its own folder.
            output: { entryFileNames: chunk => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
        },
    },
    server: { proxy: { '/v1': api } },
});
