// viewer-request: which site, which deployment, and a uri that says so.
//
// Runs as a CloudFront Function, JavaScript runtime 2.0, on every request. The language is ES 5.1
// with const, let, arrow functions and async; no for-of, destructuring, spread, `?.`, `??`, and no
// `await` within an argument. The same decisions in Python: chalicelib/edge/rules/hosts.py and
// visitors.py; the cases of tests/vectors/edge hold both together.
//
// When the function is deployed the domain below which sites live takes the place of
// %SITES_DOMAIN%, and comments are stripped: 10,240 bytes are the limit.
import cf from 'cloudfront';

const crypto = require('crypto');

const DOMAIN = '%SITES_DOMAIN%';
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const HOST = /^[A-Za-z0-9.:-]{1,260}$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DEPLOYMENT = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const PREVIEW = /^([0-7][0-9a-hjkmnp-tv-z]{25})--(.+)$/;
const VISITOR = /^[0-9a-f]{32}$/;
const PRINTABLE = /^[\x21-\x7e]{0,4096}$/;
const DOTS = /(?:\/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:\/|\\|%2f|%5c|$)/i;
const NAVIGATIONS = ['document', 'iframe', 'frame'];
const ALL = 10000;

async function handler(event) {
    const request = event.request;
    const site = siteOf(value(request.headers.host));
    if (!site) {
        return noSite();
    }
    const pin = value(request.headers['x-clouddeck-pin']);
    forget(request.headers);
    const path = withoutDots((request.uri.charAt(0) === '/' ? '' : '/') + request.uri);
    if (site.deployment) {
        rewrite(request, '/p/' + site.slug + '/' + site.deployment + path);
        return request;
    }
    const record = await recordOf(site.slug);
    const choice = choose(event, record, pin);
    rewrite(request, '/d/' + site.slug + '/' + (choice.deployment || '-') + path);
    if (choice.keep) {
        request.headers['x-clouddeck-keep'] = { value: choice.keep };
    }
    return request;
}

// What a Host header stands for: {slug: a slug or an alias of one, deployment on a preview host}; or null.
function siteOf(raw) {
    const host = normaliseHost(raw);
    if (host === null) {
        return null;
    }
    if (!host.endsWith('.' + DOMAIN)) {
        return tenantSite();
    }
    const label = host.slice(0, -DOMAIN.length - 1);
    const preview = PREVIEW.exec(label);
    if (preview) {
        return isSlug(preview[2]) ? { slug: preview[2], deployment: preview[1] } : null;
    }
    const parts = label.split('--');
    return parts.length <= 2 && parts.every(isSlug) ? { slug: label, deployment: '' } : null;
}

// Slugs never contain `--`, so no preview and no alias (<alias>--<slug>, which has a record of its
// own) can be mistaken for a slug or back.
function isSlug(slug) {
    return LABEL.test(slug) && slug.indexOf('--') < 0;
}

// On a domain of a customer's own the tenant of the distribution knows the site. The ordinary
// distribution has no tenants, and says so by throwing.
function tenantSite() {
    try {
        const slug = cf.distributionTenant.parameters.get('slug');
        return isSlug(slug) ? { slug: slug, deployment: '' } : null;
    } catch (error) {
        return null;
    }
}

// Lower case, without port and one trailing dot; null when it cannot be a host name.
function normaliseHost(raw) {
    if (!HOST.test(raw)) {
        return null;
    }
    const host = raw.toLowerCase().replace(/:[0-9]{1,5}$/, '').replace(/\.$/, '');
    const labels = host.split('.');
    return host.length <= 253 && labels.every(label => LABEL.test(label)) ? host : null;
}

// Whoever resolves `..` climbs out of /d/<slug>/<deployment> into the address of another site. The
// origin resolves nothing and refuses; so that no cache before it files that refusal under the other
// address, such a path becomes one that is refused as well and that everybody reads alike.
function withoutDots(path) {
    return DOTS.test(path) ? '/%00' : path;
}

// The site's record. None, or an unreadable one, is no answer: the store follows the table with
// up to a minute's delay, so the origin asks the table itself.
async function recordOf(slug) {
    try {
        const text = await cf.kvs().get(slug);
        return JSON.parse(text);
    } catch (error) {
        return null;
    }
}

// {deployment, or '' to ask the origin; keep: what viewer-response has to know}
function choose(event, record, pin) {
    if (!record || record.x || !DEPLOYMENT.test(record.p)) {
        return { deployment: '', keep: '' };
    }
    const request = event.request;
    const opening = isNavigation(request.headers);
    const skew = record.k > 0 ? record.k : 0;
    if (skew && !opening) {
        const pins = [pin, value(request.querystring.dpl), value(request.cookies['__Host-dpl'])];
        const pinned = pins.find(one => inWindow(one, skew));
        if (pinned) {
            return { deployment: pinned, keep: '' };
        }
    }
    const keep = skew && opening ? 'pin=' + skew : '';
    if (!(record.w > 0 && DEPLOYMENT.test(record.c))) {
        return { deployment: record.p, keep: keep };
    }
    const known = value(request.cookies['__Host-cdv']);
    const visitor = VISITOR.test(known) ? known : md5(event.context.requestId || '');
    const chosen = parseInt(md5(visitor).slice(0, 8), 16) % ALL < record.w ? record.c : record.p;
    const given = visitor === known ? '' : 'visitor=' + visitor + ' ';
    return { deployment: chosen, keep: given + keep };
}

// Whether a browser is opening a page, rather than something that a page asks for.
function isNavigation(headers) {
    const destination = value(headers['sec-fetch-dest']);
    if (destination) {
        return NAVIGATIONS.indexOf(destination) >= 0;
    }
    return wantsPage(headers);
}

function wantsPage(headers) {
    return value(headers.accept).toLowerCase().indexOf('text/html') >= 0;
}

// Whether a pin is a deployment that was made within so many seconds before now: the first ten
// characters of a ULID are its time in milliseconds.
function inWindow(pin, seconds) {
    if (!DEPLOYMENT.test(pin)) {
        return false;
    }
    const made = pin.slice(0, 10).split('').reduce((sum, c) => sum * 32 + CROCKFORD.indexOf(c), 0);
    const age = Date.now() - made;
    return age >= 0 && age <= seconds * 1000;
}

// What an answer depends on, and nothing else, is the cache's key: the uri, which names the
// deployment, and whether a page is wanted (a single page app answers navigations only). Files do
// not depend on the query; it is kept for a redirect to carry on.
function rewrite(request, uri) {
    const query = rawQuery(request);
    const name = uri.slice(uri.lastIndexOf('/') + 1);
    const page = name.indexOf('.') < 0 && wantsPage(request.headers);
    request.headers.accept = { value: page ? 'text/html' : '*/*' };
    if (query && PRINTABLE.test(query)) {
        request.headers['x-clouddeck-query'] = { value: query };
    }
    request.uri = uri;
    request.querystring = {};
}

function rawQuery(request) {
    try {
        return request.rawQueryString();
    } catch (error) {
        return '';
    }
}

// What a visitor says in our own headers is not ours.
function forget(headers) {
    Object.keys(headers).forEach(name => {
        if (name.startsWith('x-clouddeck-')) {
            delete headers[name];
        }
    });
}

// Of a header, cookie or parameter that came more than once, `value` is the first.
function value(field) {
    return field && typeof field.value === 'string' ? field.value : '';
}

function md5(text) {
    return crypto.createHash('md5').update(text).digest('hex');
}

function noSite() {
    return {
        statusCode: 404,
        statusDescription: 'Not Found',
        headers: {
            'content-type': { value: 'text/html; charset=utf-8' },
            'cache-control': { value: 'no-store' },
            'x-content-type-options': { value: 'nosniff' },
            'content-security-policy': { value: "default-src 'none'; style-src 'unsafe-inline'" },
            'x-clouddeck-error': { value: 'unknown_host' }
        },
        body: '<!doctype html><meta charset="utf-8"><title>No site here</title>'
            + '<h1>No site here</h1><p>There is no site at this address. Check the spelling, or deploy one.'
    };
}
