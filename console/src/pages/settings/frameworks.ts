// Frameworks that are offered while one types; the API knows all of them, and names what it does not know.
export const FRAMEWORKS = [
    'analog', 'angular', 'antora', 'astro', 'create-react-app', 'custom', 'docusaurus-2', 'eleventy', 'ember', 'frozen-flask', 'gatsby', 'gridsome', 'hexo', 'hugo', 'ionic-angular', 'ionic-react', 'jekyll',
    'jupyter-book', 'lektor', 'mdbook', 'metalsmith', 'middleman', 'mkdocs', 'mystmd', 'nextjs', 'nikola', 'node-script', 'nuxtjs', 'observable', 'parcel', 'pelican', 'preact', 'quarto', 'quasar', 'react-router',
    'rsbuild', 'rspress', 'slidev', 'sphinx', 'static', 'storybook', 'svelte', 'sveltekit', 'tanstack-start', 'trunk', 'umijs', 'vike', 'vite', 'vitepress', 'vue', 'vuepress', 'waku', 'webpack', 'zensical', 'zola',
];
