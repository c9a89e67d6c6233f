// node lighthouse.mjs PORT FORM TIMES URL...: audits pages in the browser that listens for DevTools at PORT, as it is signed in
// there, and writes one line of JSON for each: scores in per cent, times in milliseconds, bytes of scripts as they came over
// the wire. Each page is looked at TIMES times, first loads all of them; the run in the middle by its performance is told.
import lighthouse, { desktopConfig } from 'lighthouse';

const [port, form, times, ...urls] = process.argv.slice(2);
// Before each run Lighthouse empties the browser's cache and what a service worker keeps; the session in local storage stays.
const flags = { port: Number(port), output: 'json', logLevel: 'error', onlyCategories: ['performance', 'accessibility', 'best-practices'] };

async function audited(url) {
    const { lhr } = await lighthouse(url, flags, form === 'desktop' ? desktopConfig : undefined);
    if (lhr.runtimeError) {
        throw new Error(`${url}: ${lhr.runtimeError.code} ${lhr.runtimeError.message}`);
    }
    if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(url).pathname) {
        throw new Error(`${url} led to ${lhr.finalDisplayedUrl}, which is another page`);
    }
    const score = name => Math.round(lhr.categories[name].score * 100);
    const value = name => lhr.audits[name].numericValue;
    const requests = lhr.audits['network-requests'].details.items;
    const scripts = requests.filter(item => item.resourceType === 'Script');
    return {
        url,
        performance: score('performance'),
        accessibility: score('accessibility'),
        best_practices: score('best-practices'),
        fcp_ms: Math.round(value('first-contentful-paint')),
        lcp_ms: Math.round(value('largest-contentful-paint')),
        tbt_ms: Math.round(value('total-blocking-time')),
        speed_index_ms: Math.round(value('speed-index')),
        cls: value('cumulative-layout-shift'),
        requests: requests.length,
        script_bytes: scripts.reduce((sum, item) => sum + item.transferSize, 0),
        console_errors: lhr.audits['errors-in-console'].details.items.length,
        failed: Object.values(lhr.audits)
            .filter(audit => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode === 'binary')
            .map(audit => audit.id),
    };
}

for (const url of urls) {
    const found = [];
    while (found.length < Number(times)) {
        found.push(await audited(url));
    }
    found.sort((one, other) => one.performance - other.performance);
    console.log(JSON.stringify(found[Math.floor(found.length / 2)]));
}
