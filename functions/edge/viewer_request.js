// viewer-request: which site, may this visitor see it, which deployment, and a uri that says so.
//
// Runs as a CloudFront Function, JavaScript runtime 2.0, on every request. The language is ES 5.1
// with const, let, arrow functions and async; no for-of, destructuring, spread, `?.`, `??`, and no
// `await` within an argument. The same decisions in Python: chalicelib/edge/rules/hosts.py,
// visitors.py and access.py; the cases of tests/vectors/edge hold both together.
//
// When the function is deployed the domain below which sites live takes the place of
// %SITES_DOMAIN%, and comments are stripped: 10,240 bytes are the limit. It is one file because
// CloudFront takes one text and imports nothing of ours: parts joined in order would be as one
// scope to the engine, and as separate ones to every tool that reads them.
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
const TOKEN = /^v1\.([pts])\.([0-9a-z_]{1,40})\.([0-9]{1,12})\.([0-9a-f]{32})$/;
const TO = /^\/(?![/\\])[\x21-\x7e]{0,2047}$/;
const ACCESS = '/_clouddeck/access';
const OURS = ['__Host-cda', '__Host-cdv', '__Host-dpl'];
const NAVIGATIONS = ['document', 'iframe', 'frame'];
const ALL = 10000;
const NO_STORE = { value: 'no-store' };
const NOSNIFF = { value: 'nosniff' };

async function handler(event) {
    const request = event.request;
    const site = siteOf(value(request.headers.host));
    if (!site) {
        return page(404, 'No site here', 'There is no site at this address. Check the spelling, or deploy one.', 'unknown_host');
    }
    const query = rawQuery(request);
    const target = (request.uri.charAt(0) === '/' ? '' : '/') + request.uri;
    const whole = target + (query ? '?' + query : '');
    if (site.moved) {
        return away(308, 'https://' + site.moved + whole);
    }
    const record = await recordOf(site.slug);
    const entering = record && !record.x && target === ACCESS && request.method === 'GET';
    const to = entering ? decoded(value(request.querystring.to)) : whole;
    if (entering) {
        const entered = enter(record.a, site, value(request.querystring.token), destination(to));
        if (entered) {
            return entered;
        }
    }
    const access = protection(record, site);
    if (entering || (access && tokenEnd(access, site, cookie(request, OURS[0])) < 0)) {
        const doors = await doorsOf();
        return door(record.a, site, destination(to), doors, entering);
    }
    const pin = value(request.headers['x-clouddeck-pin']);
    forget(request.headers);
    let choice = { deployment: site.deployment, keep: '' };
    if (!site.deployment) {
        choice = choose(event, record, pin);
        if (record && choice.deployment && choice.deployment !== record.p) {
            // the access log does not say which version answered; it has the same request id
            console.log('dpl ' + choice.deployment);
        }
    }
    // they are said to us and not to rules or other servers
    OURS.forEach(name => {
        delete request.cookies[name];
    });
    say(request, 'seen', seenOf(request, site, record, query, access));
    const kind = site.deployment ? '/p/' : '/d/';
    rewrite(request, kind + site.slug + '/' + (choice.deployment || '-') + withoutDots(target), query);
    say(request, 'keep', choice.keep);
    say(request, 'host', site.host);
    return request;
}

// What a Host header stands for: {host, slug: a slug or an alias of one, home: the site's own slug,
// deployment on a preview host, moved: where this domain leads}; or null.
function siteOf(raw) {
    const host = normaliseHost(raw);
    if (host === null) {
        return null;
    }
    if (!host.endsWith('.' + DOMAIN)) {
        return tenantSite(host);
    }
    const label = host.slice(0, -DOMAIN.length - 1);
    const preview = PREVIEW.exec(label);
    if (preview) {
        return isSlug(preview[2]) ? named(host, preview[2], preview[1]) : null;
    }
    const parts = label.split('--');
    return parts.length <= 2 && parts.every(isSlug) ? named(host, label, '') : null;
}

// Slugs never contain `--`, so no preview and no alias (<alias>--<slug>, which has a record of its
// own) can be mistaken for a slug or back.
function isSlug(slug) {
    return LABEL.test(slug) && slug.indexOf('--') < 0;
}

// On a domain of a customer's own the tenant of the distribution knows the site, or the host to go
// on to. The ordinary distribution has no tenants, and says so by throwing.
function tenantSite(host) {
    const slug = parameter('slug');
    const moved = normaliseHost(parameter('redirect'));
    return isSlug(slug) ? named(host, slug, '', moved !== host && moved) : null;
}

function named(host, slug, deployment, moved) {
    return { host: host, slug: slug, home: slug.split('--').pop(), deployment: deployment, moved: moved };
}

function parameter(name) {
    try {
        return cf.distributionTenant.parameters.get(name);
    } catch (error) {
        return '';
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

// Where people are let in: [API, console]. Asked for those only who are not.
async function doorsOf() {
    const doors = await recordOf('.doors');
    return doors || ['', ''];
}

// [scope, mode, key, revoked] when this address asks for a token: `previews` are all but production.
function protection(record, site) {
    const access = record && !record.x && record.a;
    const hidden = site.deployment || site.slug.indexOf('--') >= 0;
    return access && (access[0] === 'all' || hidden) ? access : null;
}

// When a token ends that is good now, in seconds since 1970; -1 for any other.
function tokenEnd(access, site, said) {
    const found = TOKEN.exec(said);
    if (!found || (found[1] === 'p' && access[1] !== 'password') || access[3].indexOf(found[2]) >= 0) {
        return -1;
    }
    const words = said.slice(0, -33) + '.' + site.home;
    const right = crypto.createHmac('sha256', access[2]).update(words).digest('hex').slice(0, 32);
    // hashes of both, so that the time it takes says nothing about how much of it was right
    const end = parseInt(found[3], 10);
    return md5(right) === md5(found[4]) && Date.now() < end * 1000 ? end : -1;
}

// The way on, with a cookie; null when the token is not good.
function enter(access, site, token, to) {
    const answer = away(302, to);
    if (!access) {
        return answer;
    }
    const end = tokenEnd(access, site, token);
    if (end < 0) {
        return null;
    }
    const seconds = Math.min(end - Math.floor(Date.now() / 1000), token.charAt(3) === 's' ? 31536000 : 43200);
    answer.cookies = {};
    answer.cookies[OURS[0]] = { value: token, attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=' + seconds };
    return answer;
}

function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch (error) {
        return '';
    }
}

function destination(to) {
    return TO.test(to) ? to : '/';
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
        const pins = [pin, value(request.querystring.dpl), cookie(request, OURS[2])];
        const pinned = pins.find(one => DEPLOYMENT.test(one) && mayPin(record, one, skew * 1000));
        if (pinned) {
            return { deployment: pinned, keep: '' };
        }
    }
    const keep = skew && opening ? 'pin=' + skew : '';
    if (!DEPLOYMENT.test(record.c)) {
        return { deployment: record.p, keep: keep };
    }
    if (record.m && isNamed(record.m, request)) {
        return { deployment: record.c, keep: keep };
    }
    if (!(record.w > 0)) {
        return { deployment: record.p, keep: keep };
    }
    const known = cookie(request, OURS[1]);
    const visitor = VISITOR.test(known) ? known : md5(event.context.requestId || '');
    const chosen = parseInt(md5(visitor).slice(0, 8), 16) % ALL < record.w ? record.c : record.p;
    const given = visitor === known ? '' : 'visitor=' + visitor + ' ';
    return { deployment: chosen, keep: given + keep };
}

// Whether a match [kind, name, values] means this visitor.
function isNamed(match, request) {
    let said = country(request);
    if (match[0] !== 'country') {
        said = match[0] === 'cookie' ? cookie(request, match[1]) : value(request.headers[match[1].toLowerCase()]);
    }
    return said !== '' && match[2].indexOf(said) >= 0;
}

function country(request) {
    return value(request.headers['cloudfront-viewer-country']);
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

// A pin is live, was replaced within the window, or was made in it: the record names the last few
// that were live, so the origin has to say about a younger one whether it ever was. The first ten
// characters of a ULID are its time in milliseconds.
function mayPin(record, pin, window) {
    if (pin === record.p || pin === record.c) {
        return true;
    }
    const now = Date.now();
    if (record.o && record.o[pin] && now - record.o[pin] * 1000 <= window) {
        return true;
    }
    const made = pin.slice(0, 10).split('').reduce((sum, c) => sum * 32 + CROCKFORD.indexOf(c), 0);
    return now >= made && now - made <= window;
}

// What the rules of a deployment look at, as chalicelib/edge/rules/routing/facts.py writes it. It is
// part of the cache's key. A preview may be of other rules than the record knows: there it is all
// that rules can ask for.
function seenOf(request, site, record, query, access) {
    let looks = (record && record.l) || [];
    if (site.deployment) {
        looks = ['country', 'language', 'query', 'authorization', 'cookie'].concat(looks.filter(look => look.indexOf('header:') === 0));
    }
    const said = access ? ['access=1'] : [];
    looks.forEach(look => {
        const text = encoded(lookAt(request, site, query, look));
        if (text) {
            said.push(look + '=' + text);
        }
    });
    return said.join('&');
}

function lookAt(request, site, query, look) {
    const name = look.slice(look.indexOf(':') + 1);
    let text = '';
    if (look === 'cookie') {
        const names = Object.keys(request.cookies);
        return names.map(one => one + '=' + cookie(request, one)).join('; ').slice(0, 1500);
    } else if (look === 'country') {
        text = country(request);
    } else if (look === 'query') {
        text = query;
    } else if (look === 'header:host') {
        text = site.host;
    } else if (look.indexOf('cookie:') === 0) {
        text = cookie(request, name);
    } else {
        text = value(request.headers[look === 'language' ? 'accept-language' : name.toLowerCase()]);
    }
    return text.slice(0, 512);
}

// Half a character that was cut off cannot be written, and says nothing.
function encoded(text) {
    try {
        return encodeURIComponent(text);
    } catch (error) {
        return '';
    }
}

// What an answer depends on, and nothing else, is the cache's key: the uri, which names the
// deployment, whether a page is wanted (a single page app answers navigations only), and what rules
// look at. Files do not depend on the query; it is kept for a redirect or another server.
function rewrite(request, uri, query) {
    const accept = value(request.headers.accept);
    const name = uri.slice(uri.lastIndexOf('/') + 1);
    const page = name.indexOf('.') < 0 && wantsPage(request.headers);
    request.headers.accept = { value: page ? 'text/html' : '*/*' };
    say(request, 'accept', accept.slice(0, 512));
    say(request, 'query', PRINTABLE.test(query) ? query : '');
    request.uri = uri;
    request.querystring = {};
}

function say(request, name, text) {
    if (text) {
        request.headers['x-clouddeck-' + name] = { value: text };
    }
}

function rawQuery(request) {
    try {
        return request.rawQueryString() || '';
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

function cookie(request, name) {
    return value(request.cookies[name]);
}

function md5(text) {
    return crypto.createHash('md5').update(text).digest('hex');
}

function away(status, location) {
    return { statusCode: status, headers: { location: { value: location }, 'cache-control': NO_STORE, 'x-content-type-options': NOSNIFF } };
}

// The page for whoever is not admitted; see `door` in chalicelib/edge/rules/access.py.
function door(access, site, to, doors, again) {
    const inner = (again ? 'That did not open it. ' : '') + (access[1] === 'password'
        ? 'Type its password to see it.<form method="post" action="' + doors[0] + '/v1/access/' + site.home + '">'
            + '<input type="hidden" name="host" value="' + site.host + '"><input type="hidden" name="to" value="' + html(to) + '">'
            + '<input type="password" name="password" autocomplete="current-password" required autofocus> <button>Open</button></form>'
        : '<a href="' + doors[1] + '/#/access?host=' + site.host + '&amp;to=' + encodeURIComponent(to) + '">Sign in to see it</a>');
    const answer = page(401, 'Protected', inner, 'protected', "; form-action 'self' " + doors[0]);
    answer.headers['x-robots-tag'] = { value: 'noindex' };
    answer.headers['referrer-policy'] = { value: 'no-referrer' };
    return answer;
}

function html(text) {
    return text.replace(/[&<>"']/g, c => '&#' + c.charCodeAt(0) + ';');
}

function page(status, title, text, code, policy) {
    return {
        statusCode: status,
        headers: {
            'content-type': { value: 'text/html; charset=utf-8' },
            'cache-control': NO_STORE,
            'x-content-type-options': NOSNIFF,
            'content-security-policy': { value: "default-src 'none'; style-src 'unsafe-inline'" + (policy || '') },
            'x-clouddeck-error': { value: code }
        },
        body: '<!doctype html><meta charset="utf-8"><title>' + title + '</title><h1>' + title + '</h1><p>' + text
    };
}
