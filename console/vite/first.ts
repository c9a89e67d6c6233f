import type { HtmlTagDescriptor, Plugin, Rollup } from 'vite';

// The page names at once what start.ts will import next, so that its scripts and styles come side by side with it and not
// after it. None of them goes before what the outlines need, which are painted first.
const SOON = /\/src\/(main|shell\/Frame|parts\/Panel)\.tsx$/;

function link(file: string, attrs: Record<string, string>): HtmlTagDescriptor {
    return { tag: 'link', attrs: { crossorigin: '', fetchpriority: 'low', ...attrs, href: `/${file}` }, injectTo: 'head' };
}

function reached(bundle: Rollup.OutputBundle, from: string[]): Rollup.OutputChunk[] {
    const seen = new Map<string, Rollup.OutputChunk>();
    const left = [...from];
    for (let name = left.pop(); name; name = left.pop()) {
        const chunk = bundle[name];
        if (chunk?.type === 'chunk' && !seen.has(name)) {
            seen.set(name, chunk);
            left.push(...chunk.imports);
        }
    }
    return [...seen.values()];
}

export function first(): Plugin {
    return {
        name: 'first',
        apply: 'build',
        transformIndexHtml: {
            order: 'post',
            handler: (html, { bundle, filename }) => {
                if (!bundle || !filename.endsWith('index.html')) {
                    return html;
                }
                const soon = Object.values(bundle).filter(one => one.type === 'chunk' && one.moduleIds.some(id => SOON.test(id)));
                const parts = reached(bundle, soon.map(one => one.fileName)).filter(one => !html.includes(one.fileName));
                const styles = new Set(parts.flatMap(one => [...(one.viteMetadata?.importedCss ?? [])]));
                return [
                    ...parts.map(one => link(one.fileName, { rel: 'modulepreload' })),
                    ...[...styles].map(file => link(file, { rel: 'preload', as: 'style' })),
                ];
            },
        },
    };
}
