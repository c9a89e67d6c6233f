// viewer-response: the cookies of the visitor, the query of a redirect, and nothing that is between
// the origin and the edge.
//
// Runs as a CloudFront Function, JavaScript runtime 2.0, on every answer below 400 (CloudFront
// runs it for no other). What viewer_request.js left in the request's headers is taken for what a
// stranger might have sent: if CloudFront should show the request as it came, a visitor can at
// most give cookies to themselves, and otherwise gets none.
//
// The same in Python: `cookies` in chalicelib/edge/rules/visitors.py.

const KEEP = /^(?:visitor=([0-9a-f]{32}) )?(?:pin=([0-9]{1,8}))?$/;
const QUERY = /^[\x21-\x7e]{1,4096}$/;
const SERVED = /^dpl_([0-7][0-9a-hjkmnp-tv-z]{25})$/;
const SHOWN = ['x-clouddeck-deployment', 'x-clouddeck-error'];
// Names that browsers let no neighbour below the same domain set; see over_tls in visitors.py.
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=';
const PRIVATE = 'private,max-age=0,must-revalidate';
const YEAR = 31536000;

function handler(event) {
    const response = event.response;
    const headers = response.headers;
    const asked = event.request.headers;
    const keep = KEEP.exec(value(asked['x-clouddeck-keep'])) || [];
    if (keep[1]) {
        setCookie(response, '__Host-cdv', keep[1], YEAR);
    }
    const served = SERVED.exec(value(headers['x-clouddeck-deployment']));
    if (keep[2] && served && isPage(response)) {
        setCookie(response, '__Host-dpl', served[1], keep[2]);
    }
    const query = value(asked['x-clouddeck-query']);
    if (value(headers['x-clouddeck-carry']) && headers.location && QUERY.test(query)) {
        headers.location = { value: carried(headers.location.value, query) };
    }
    const vary = value(headers['x-clouddeck-vary']).split(', ').filter(name => name);
    const alone = vary.indexOf('private') >= 0 || value(asked['x-clouddeck-seen']).split('&')[0] === 'access=1';
    const names = [value(headers.vary)].concat(vary).filter(name => name && name !== 'private');
    if (names.length) {
        headers.vary = { value: names.join(', ') };
    }
    leave(headers, alone);
    return response;
}

// A page, or the news that the visitor's copy of one is still good.
function isPage(response) {
    const type = value(response.headers['content-type']);
    return response.statusCode === 304 || type.indexOf('text/html') === 0;
}

// A redirect's target with the query of the request, before its fragment; one of its own comes
// first. `carried` in chalicelib/edge/rules/routing/verdicts.py does the same.
function carried(location, query) {
    const at = location.indexOf('#') < 0 ? location.length : location.indexOf('#');
    const address = location.slice(0, at);
    return address + (address.indexOf('?') < 0 ? '?' : '&') + query + location.slice(at);
}

function setCookie(response, name, text, seconds) {
    response.cookies = response.cookies || {};
    response.cookies[name] = { value: text, attributes: ATTRIBUTES + seconds };
}

// Of our own headers a visitor sees two. How long the edge keeps an answer, and by which tags it
// drops it, is nobody else's business: another shared cache on the way could not be told. What somebody
// was let in for, or what depends on where they are, no other cache may keep at all.
function leave(headers, alone) {
    Object.keys(headers).forEach(name => {
        if (name.startsWith('x-clouddeck-') && SHOWN.indexOf(name) < 0) {
            delete headers[name];
        }
    });
    delete headers['cache-tag'];
    const caching = value(headers['cache-control']);
    if (caching) {
        const left = caching.replace(/,? *s-maxage=[0-9]+/, '');
        headers['cache-control'] = { value: alone && !/\b(?:private|no-store)\b/i.test(left) ? PRIVATE : left };
    }
}

function value(field) {
    return field && typeof field.value === 'string' ? field.value : '';
}
