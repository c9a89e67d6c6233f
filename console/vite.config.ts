import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { first } from './vite/first.ts';
import { styled } from './vite/styled.ts';

// `CLOUDDECK_API=http://localhost:8080 npm run dev` works on the pages beside a running cloud.
const api = process.env.CLOUDDECK_API ?? 'http://localhost:8080';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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

// What goes together in one file: few files, because each costs a round trip on a slow line, and each of what nearly
// always changes together. The first of these that fits a module has it;
// what else pages share is divided by itself.
const TOGETHER = [
    { name: 'base', test: /\/src\/(api\/(config|problem)|pages\/doors\/wanted)\.ts$|vite\/(preload-helper|modulepreload-polyfill)|rolldown\/runtime/ },
    { name: 'begin', test: /\/src\/(addresses|api\/(claims|early|session))\.ts$|\/node_modules\/react\// },
    {
        name: 'react',
        test: /\/node_modules\/(react-dom|scheduler|use-sync-external-store|openapi-fetch|openapi-react-query|@tanstack\/(react-router|router-core|react-query|query-core|history|react-store|store))\//,
    },
    { name: 'icons', test: /\/@tabler\/icons-react\//, minShareCount: 4 },
    { name: 'main', test: /\/src\/main\.tsx$/ },
    { name: 'fields', test: /\/@mantine\/core\/esm\/components\/(ActionIcon|Input|InputBase|NativeSelect|PasswordInput|TextInput)\/|\/src\/pages\/doors\/Door\.tsx$/ },
    { name: 'frame', test: /\/src\/shell\/Frame\.tsx$/ },
    { name: 'parts', test: /\/src\/(parts\/(Copy|Empty|Fault|Loaded|More|Notice|Page|Panel|Spark|State|Tabbed|When|Who|Wide|paged|permits|units|write)|pages\/projects\/(sites|about|Framework|Mark|Card)|shell\/Lost)\.tsx?$/ },
    { name: 'overview', test: /\/src\/pages\/overview\/(Overview|Happened)\.tsx$/ },
    { name: 'inputs', test: /\/@mantine\/core\/esm\/components\/(Autocomplete|Checkbox\w*|Combobox|InlineInput|MultiSelect|Pill\w*|Radio\w*|SegmentedControl|Select|Switch|TagsInput|Textarea)\// },
    { name: 'deployment', test: /\/src\/pages\/deployments\/Deployment\.tsx$/ },
];

// Files that pages share would be called by all of those pages.
const plain = (name: string) => name.replace(/~.*|\.\w+$/, '');

export default defineConfig({
    plugins: [react(), addresses(), first(), styled(readFileSync(file('./node_modules/@mantine/core/styles.css'), 'utf8'))],
    resolve: { alias: { '@': file('./src') } },
    build: {
        target: 'es2022',
        // The policy of the console lets no `data:` into scripts, styles and fonts.
        assetsInlineLimit: 0,
        // Pages come with their own styles, so that the first of them is small.
        cssCodeSplit: true,
        rollupOptions: {
            input: { start: 'index.html', landing: 'landing.html', sw: 'src/sw.ts' },
            // The service worker is asked for by a name that stays, and rules over everything below its own folder.
            output: {
                entryFileNames: chunk => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
                chunkFileNames: chunk => `assets/${plain(chunk.name)}-[hash].js`,
                assetFileNames: asset => `assets/${plain(asset.names[0] ?? 'file')}-[hash][extname]`,
                codeSplitting: { groups: TOGETHER.map((group, at) => ({ ...group, priority: TOGETHER.length - at })) },
            },
        },
    },
    server: { proxy: { '/v1': api } },
});
