import type { Plugin } from 'vite';

// theme/mantine.css names the styles of the components that are used. A component without its styles would be seen by
// nobody who does not open just that page, so the build counts: every class that Mantine's scripts give and any of its
// styles knows has to be in what was built.
const CLASS = /\bm_[0-9a-f]{5,10}\b/g;

export function styled(known: string): Plugin {
    const all = new Set(known.match(CLASS));
    return {
        name: 'styled',
        apply: 'build',
        generateBundle(_, bundle) {
            const texts = { js: '', css: '' };
            for (const one of Object.values(bundle)) {
                if (one.type === 'chunk') {
                    texts.js += one.code;
                } else if (one.fileName.endsWith('.css')) {
                    texts.css += String(one.source);
                }
            }
            const there = new Set(texts.css.match(CLASS));
            const missing = [...new Set(texts.js.match(CLASS))].filter(name => all.has(name) && !there.has(name));
            if (missing.length > 0) {
                this.error(`src/theme/mantine.css lacks the styles of components that are used (${missing.join(', ')}): look for these names in node_modules/@mantine/core/styles.`);
            }
        },
    };
}
