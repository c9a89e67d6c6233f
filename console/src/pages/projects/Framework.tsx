import {
    IconBrandAngular, IconBrandAstro, IconBrandEmber, IconBrandGatsby, IconBrandGolang, IconBrandHtml5, IconBrandNextjs, IconBrandNodejs, IconBrandNuxt,
    IconBrandPython, IconBrandReact, IconBrandRust, IconBrandSolidjs, IconBrandStorybook, IconBrandSvelte, IconBrandVite, IconBrandVue, IconCode, IconTerminal2,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

type Icon = ComponentType<{ size?: number; stroke?: number }>;

const ICONS: Record<string, Icon> = {
    angular: IconBrandAngular, analog: IconBrandAngular, 'ionic-angular': IconBrandAngular, scully: IconBrandAngular,
    astro: IconBrandAstro, ember: IconBrandEmber, gatsby: IconBrandGatsby, hugo: IconBrandGolang, static: IconBrandHtml5, nextjs: IconBrandNextjs,
    'node-script': IconBrandNodejs, eleventy: IconBrandNodejs, hexo: IconBrandNodejs, metalsmith: IconBrandNodejs, nuxtjs: IconBrandNuxt,
    mkdocs: IconBrandPython, zensical: IconBrandPython, pelican: IconBrandPython, nikola: IconBrandPython, lektor: IconBrandPython, sphinx: IconBrandPython,
    'frozen-flask': IconBrandPython, 'jupyter-book': IconBrandPython, python: IconBrandPython,
    'create-react-app': IconBrandReact, 'react-router': IconBrandReact, remix: IconBrandReact, docusaurus: IconBrandReact, 'docusaurus-2': IconBrandReact,
    'ionic-react': IconBrandReact, waku: IconBrandReact, expo: IconBrandReact, preact: IconBrandReact,
    zola: IconBrandRust, mdbook: IconBrandRust, trunk: IconBrandRust, cobalt: IconBrandRust,
    solidstart: IconBrandSolidjs, 'solidstart-1': IconBrandSolidjs, storybook: IconBrandStorybook,
    svelte: IconBrandSvelte, sveltekit: IconBrandSvelte, 'sveltekit-1': IconBrandSvelte, sapper: IconBrandSvelte,
    vite: IconBrandVite, vue: IconBrandVue, vitepress: IconBrandVue, vuepress: IconBrandVue, gridsome: IconBrandVue, quasar: IconBrandVue,
    custom: IconTerminal2,
};

const NAMES: Record<string, string> = {
    nextjs: 'Next.js', nuxtjs: 'Nuxt', static: 'Plain files', custom: 'Own command', 'create-react-app': 'Create React App', mkdocs: 'MkDocs', mdbook: 'mdBook',
    sveltekit: 'SvelteKit', 'sveltekit-1': 'SvelteKit', vitepress: 'VitePress', vuepress: 'VuePress', 'docusaurus-2': 'Docusaurus', 'node-script': 'Node script',
};

export const frameworkName = (framework: string): string => NAMES[framework] ?? framework.charAt(0).toUpperCase() + framework.slice(1).replaceAll('-', ' ');

// What a site is made with: the sign of its framework, and the name beside it or on pointing at it.
export function Framework({ of, named = false }: { of: string | null; named?: boolean }) {
    if (!of) {
        return null;
    }
    const Sign = ICONS[of] ?? IconCode;
    const name = frameworkName(of);
    return (
        <span title={name} role={named ? undefined : 'img'} aria-label={named ? undefined : name} style={{ display: 'inline-flex', alignItems: 'center', gap: '0.35em' }}>
            <Sign size={16} stroke={1.7} />
            {named && name}
        </span>
    );
}
