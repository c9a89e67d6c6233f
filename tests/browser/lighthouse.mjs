// node lighthouse.mjs PORT FORM URL...: audits pages in the browser that listens for DevTools at PORT, as it is signed in there,
// and writes one line of JSON for each: scores in per cent, times in milliseconds, bytes of scripts as they came over the wire.
import lighthouse, { desktopConfig } from 'lighthouse';

const [port, form, ...urls] = process.argv.slice(2);
const flags = { port: Number(port), output: 'json', logLevel: 'error', onlyCategories: ['performance', 'accessibility', 'best-practices'], disableStorageReset: true };

for (const url of urls) {
    const { lhr } = await lighthouse(url, flags, form === 'desktop' ? desktopConfig : undefined);
    const score = name => Math.round(lhr.categories[name].score * 100);
    const scripts = lhr.audits['network-requests'].details.items.filter(item => item.resourceType === 'Script');
    console.log(
        JSON.stringify({
            url,
            performance: score('performance'),
            accessibility: score('accessibility'),
            best_practices: score('best-practices'),
            lcp_ms: Math.round(lhr.audits['largest-contentful-paint'].numericValue),
            tbt_ms: Math.round(lhr.audits['total-blocking-time'].numericValue),
            cls: lhr.audits['cumulative-layout-shift'].numericValue,
            script_bytes: scripts.reduce((sum, item) => sum + item.transferSize, 0),
            failed: Object.values(lhr.audits)
                .filter(audit => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode === 'binary')
                .map(audit => audit.id),
        }),
    );
}
