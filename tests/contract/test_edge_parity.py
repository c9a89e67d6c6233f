"""Requests that nobody thought of: the local edge and CloudFront say the same to each.

What visitors may tell them apart by stands in docs/architecture.md, section 10.
"""

from __future__ import annotations

import base64
import http.client
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.clouds.aws import routes
from chalicelib.core import clock, ids
from chalicelib.edge.rules import access
from chalicelib.edge.rules.routes import read
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.credentials import hashed
from chalicelib.edge.rules.routing.model import AuthRule, HeaderRule, Routing, Rule, When
from chalicelib.edge.rules.routing.table import Table
from chalicelib.ports import SiteRoute
from tests.contract.edge_sites import EdgeProcess, FakeSite, ObjectServer
from tests.fakes.bucket import DictBucket
from tests.fakes.cloudfront import CloudFront
from tests.fakes.origin import Backend
from tests.fakes.viewer import Viewer

EXAMPLES = int(os.environ.get("CLOUDDECK_PARITY_EXAMPLES") or 400)
DOMAIN = "localhost"
VISITOR = "4c948685cab31aa7b166691bde8e2bcf"
DOORS = routes.doors("http://localhost:8080", "")
KEY = "5d" * 32
LATER = 4_000_000_000
TOKENS = [
    *(access.token(KEY, slug, "s", "share001", LATER) for slug in ("shut", "half")),
    *(access.token(KEY, slug, "p", "x", LATER) for slug in ("shut", "half")),
    access.token(KEY, "half", "s", "share002", LATER),
    access.token(KEY, "shut", "s", "share001", 1),
    "nonsense",
]
TOLD = {"match", "past", "looks", "access", "guard", "down"}
LETMEIN = "Basic " + base64.b64encode(b"ann:let me in").decode()
SALT = bytes(16)
ROUTING = Routing(
    rules=(
        Rule("_redirects", 1, "/old/*", "/b/:splat", 301),
        Rule("_redirects", 2, "/away/:name", "https://other.example/:name?x=1#y", 302),
        Rule("_redirects", 3, "/lang", "/b/", 302, when=When(language=("de",))),
        Rule("_redirects", 4, "/lang", "/a", 302),
        Rule("_redirects", 5, "/asked", "/found/:id", 302, when=When(query=(("id", (":id",)),))),
        Rule("_redirects", 6, "/beta", "/b/c", 200, when=When(cookie=(("beta", ("on",)),))),
        Rule("_redirects", 7, "/head", "/a", 200, when=When(header=(("X-Beta", None),))),
        Rule("_redirects", 8, "/x.js", "/b/c.txt", 200, force=True),
        Rule("_redirects", 9, "/b/c.txt", "/a", 301),
        Rule("_redirects", 10, "/taken", "/nothing-here", 410),
        Rule("_redirects", 11, "/other", "/a/404.html", 404),
        Rule("_redirects", 12, "/plain", "/b", 307, keep_query=False),
    ),
    headers=(
        HeaderRule("_headers", 1, "/*", (("X-Everywhere", "yes"), ("X-Frame-Options", "DENY"))),
        HeaderRule("_headers", 2, "/b/*", (("Cache-Control", "public,max-age=60"),)),
        HeaderRule(
            "_headers", 3, "/a", (("X-Frame-Options", ""), ("Link", "</x.js>; rel=preload"))
        ),
        HeaderRule(
            *("_headers", 4, "/beta", (("X-Beta", "you are in"),)),
            when=When(cookie=(("beta", ("on",)),)),
        ),
        HeaderRule("_headers", 5, "/empty.txt", (("Cache-Control", "no-store"),)),
    ),
    auth=(
        AuthRule(
            "_headers", 6, "/p;v=1/*", (("ann", SALT.hex(), hashed("let me in", SALT)),), "In"
        ),
    ),
)
FILES = {
    "index.html": b"home",
    "404.html": b"none",
    "a.html": b"a page",
    "a/index.html": b"a folder",
    "a/404.html": b"none in a",
    "b/index.html": b"b folder",
    "b/c.html": b"c page",
    "b/c.txt": b"c text",
    "b/c": b"c without ending",
    "x.js": b"script",
    "x-0a1b2c3d.js": b"hashed",
    "ü.html": b"umlaut",
    "100%.txt": b"percent",
    "a b.txt": b"space",
    "q?.html": b"question",
    "h#.txt": b"hash",
    ".well-known/x": b"known",
    "...": b"dots",
    "empty.txt": b"",
    "picture.SVG": b"<svg/>",
    "d/shop/x.html": b"no address",
    "p;v=1/x@y.html": b"reserved",
}
RULED = [
    *("old/c", "old/c/d", "old/", "away/x", "lang", "asked", "beta", "head", "taken", "other"),
    *("plain", "x.js", "b/c.txt", "a", "empty.txt", "p;v=1/x@y", "p;v=1/x@y.html"),
    *(f"_clouddeck/access?token={token}&to=%2Fa%3Fb" for token in TOKENS),
    "_clouddeck/access",
]
PIECES = [
    *("/", "//", "a", "a.html", "b", "c", "c.html", "c.txt", "index.html", "index", "x.js", "..."),
    *("x-0a1b2c3d.js", "404.html", "404", "d", "p", "shop", "nope", "nope.png", ".well-known", "x"),
    *("%C3%BC", "%c3%bc", "%C3", "%FF", "%C0%AF", "%E2%80%A8", "%ED%A0%80", "%F4%90%80%80"),
    *("%", "%2", "%zz", "%2F", "%2f", "%252F", "%5C", "\\", "%00", "%0D%0A", "%7F", "%C2%85"),
    *(
        ".",
        "..",
        "%2e",
        "%2E%2e",
        "%20",
        "a%20b.txt",
        "100%25.txt",
        "q%3F.html",
        "q%3F",
        "h%23.txt",
    ),
    *("empty.txt", "picture.SVG", "p;v=1", "x@y.html", "x@y", "evil.example", "@", ":", "%3A"),
    *("old", "away", "lang", "asked", "beta", "head", "taken", "other", "plain", "p;v=1"),
    *("blobs", "manifests", "-", "_clouddeck", "health", "~", "'", '"', "<", ">", "|", "^", "`"),
]


@dataclass
class Both:
    """The same sites behind both edges."""

    front: CloudFront
    local: EdgeProcess
    versions: dict[str, str]

    def cloudfront(self, case: Any) -> dict[str, Any]:
        """What CloudFront says."""
        host, target, headers, method = case
        headers = headers | {"cookie": headers["cookie"].replace("__", "__Host-")}
        reply = self.front.ask(host, target, headers, method, now=clock.now_ms())
        assert self.front.faults == []
        cookies = [line.replace("Secure; ", "").replace("__Host-", "__") for line in reply.cookies]
        return told(reply.status, reply.headers, reply.body, cookies)

    def laptop(self, case: Any) -> dict[str, Any]:
        """What the local edge says."""
        host, target, headers, method = case
        connection = http.client.HTTPConnection("127.0.0.1", self.local.port, timeout=15)
        connection._validate_path = lambda path: None  # type: ignore[attr-defined]
        connection._encode_request = lambda text: text.encode()  # type: ignore[attr-defined]
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {"host": host, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            said = {name.lower(): value for name, value in response.getheaders()}
            cookies = response.headers.get_all("Set-Cookie", [])
            return told(response.status, said, response.read(), cookies)
        finally:
            connection.close()


def told(status: int, headers: dict[str, str], body: bytes, cookies: list[str]) -> dict[str, Any]:
    """What of an answer has to be the same."""
    names = (
        *("location", "x-clouddeck-deployment", "x-clouddeck-error", "content-type", "etag"),
        *("x-robots-tag", "content-range", "accept-ranges", "x-content-type-options", "allow"),
        *("vary", "content-security-policy", "www-authenticate"),
        "referrer-policy",
        *("x-everywhere", "x-frame-options", "x-beta", "link"),
    )
    said: dict[str, Any] = {name: headers.get(name) for name in names}
    said |= {"status": status, "cookies": cookies, "body": body}
    if status < 400:
        said["cache-control"] = headers.get("cache-control")
    if status == 304:  # CloudFront repeats more of the headers than a visitor's copy needs
        said |= dict.fromkeys(("content-type", "accept-ranges", "x-robots-tag", "vary"))
        said["x-content-type-options"] = None
    if status == 302 and not said["x-clouddeck-deployment"]:  # through the door of a protected site
        said["x-robots-tag"] = None
    if status == 400:  # which of its faults a path is refused for
        said["x-clouddeck-error"] = None
    if status == 416:  # for a file that it keeps, CloudFront says so itself
        return {"status": 416, "content-range": said["content-range"], "cookies": cookies}
    if headers.get("x-clouddeck-error") in {
        "unknown_host",
        "protected",
    }:  # a function of 10 KB has fewer words
        said["body"] = b""
    return said


def sites(now: int) -> list[tuple[FakeSite, dict[str, Any]]]:
    """Sites of each kind, and what their routes say besides production."""
    old = ids.new("dpl", now - 3_000_000)
    shop = FakeSite("shop", ids={"v1": ids.new("dpl", now - 1000)})
    app = FakeSite("app", ids={"v1": ids.new("dpl", now - 2000)}, team_name="two")
    split = FakeSite("split", ids={"v1": old, "v2": ids.new("dpl", now - 1500)})
    keep = FakeSite("keep", ids={"v1": ids.new("dpl", now - 900_000), "v2": ids.new("dpl", now)})
    empty, gone = FakeSite("empty"), FakeSite("gone")
    shut, half = FakeSite("shut"), FakeSite("half")
    ruled = FakeSite("ruled", ids={"v1": ids.new("dpl", now - 500)})
    data = encode(ROUTING)
    ruled.objects[f"rules/{ruled.team}/{digest_of(data)}.json"] = data
    files = {path: b"ruled " + body for path, body in FILES.items()}
    ruled.publish(files, routing=digest_of(data))
    for site in (shop, split, keep, shut, half, gone):
        for version in site.ids or {"v1": ""}:
            files = {path: f"{site.slug} {version} ".encode() + b for path, b in FILES.items()}
            site.publish(files, version, clean_urls=site is not keep)
    app.publish({path: b"app " + body for path, body in FILES.items()}, spa=True)
    return [
        (shop, {}),
        (app, {}),
        (split, {"canary": split.ids["v2"], "weight": 5000, "skew_seconds": 3600}),
        (keep, {"canary": keep.ids["v2"], "weight": 10_000, "skew_seconds": 1200}),
        (ruled, {"looks": list(Table(ROUTING).looks)}),
        (shut, {"access": ["all", "password", KEY, []]}),
        (half, {"access": ["previews", "team", KEY, ["share002"]]}),
        (empty, {"production": None}),
        (gone, {"gone": True}),
    ]


def told_to_aws(site: FakeSite, more: dict[str, Any]) -> SiteRoute:
    """The route that a site's file on a laptop tells, as the port is told it."""
    said = {"production": site.deployment()} | more
    plain = {name: said.pop(name) for name in [*said] if name not in TOLD}
    return SiteRoute(
        site=site.project, team=site.team, slug=site.slug, generation=1, **plain, **read(said)
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    home = tmp_path_factory.mktemp("edge")
    with pytest.MonkeyPatch.context() as patch, Viewer(DOMAIN) as viewer:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        backend = Backend()
        doors = {routes.DOORS: DOORS}
        front = CloudFront.ours(viewer, DictBucket(backend.objects), backend.settings(), doors)
        versions = {}
        for site, more in sites(clock.now_ms()):
            site.write_route(home, site.route(**more))
            backend.objects.update(site.objects)
            route = told_to_aws(site, more)
            backend.rows[site.slug] = routes.attributes(route, DOORS)
            front.kvs[site.slug] = routes.record(route, clock.now_ms())
            for version in site.ids or {"v1": ""}:
                versions[f"{site.slug} {version}"] = site.deployment(version)[4:]
        store = ObjectServer()
        store.objects = backend.objects
        local = EdgeProcess(home, AWS_ENDPOINT_URL_S3=store.url)
        local.settle()
        yield Both(front, local, versions)
        local.stop()
        store.close()
        backend.close()


SLUGS = [
    *("shop", "app", "split", "keep", "ruled", "ruled", "ruled", "shut", "half"),
    *("empty", "gone", "nobody"),
]
NAMES = st.sampled_from(
    [
        *("shop v1", "app v1", "split v1", "split v2", "keep v1", "keep v2", "ruled v1"),
        *("shut v1", "half v1", "none"),
    ]
)


@st.composite
def hosts(draw: st.DrawFn, versions: dict[str, str]) -> str:
    """Hosts of sites and previews, some of them spelled oddly."""
    slug = draw(st.sampled_from(SLUGS))
    label = slug
    if draw(st.integers(0, 3)) == 0:
        label = f"{versions.get(draw(NAMES), '01' + 'k' * 24)}--{slug}"
    host = f"{label}.{DOMAIN}"
    odd = [
        host.upper(),
        host + ".",
        host + ":8081",
        f"x.{host}",
        f"-{host}",
        "other.test",
        "--" + host,
    ]
    return draw(st.sampled_from([host] * 12 + odd))


@st.composite
def targets(draw: st.DrawFn) -> str:
    """Paths out of names that exist and pieces that hurt, and queries."""
    known = st.sampled_from([*map(quote, sorted(FILES)), *RULED])
    odd = st.lists(st.sampled_from(PIECES), max_size=6).map(
        lambda pieces: "/".join(pieces) if len(pieces) % 2 else "".join(pieces)
    )
    path = "/" + draw(st.one_of(known, odd))
    ending = draw(st.sampled_from(["", "", "", "/", ".html", "index.html", "//"]))
    queries = [
        "",
        "",
        "?id=7&id=8",
        "?",
        "?x=1",
        "?a=b&dpl=c",
        "?a#b",
        "?" + "q" * 4096,
        "?" + "q" * 4097,
    ]
    return path + ending + draw(st.sampled_from(queries))


@st.composite
def asked(draw: st.DrawFn, versions: dict[str, str]) -> dict[str, str]:
    """Headers out of what either edge listens to, and what it must not hear."""
    pin = versions.get(draw(NAMES), "7zzzzzzzzz0000000000000000")
    choices: dict[str, list[str]] = {
        "accept": ["*/*", "text/html", "TEXT/html;q=0.9,*/*", "image/png", ""],
        "sec-fetch-dest": ["document", "iframe", "script", "empty", "Document"],
        "x-clouddeck-pin": [pin, "dpl_" + pin, ""],
        "cookie": [
            f"__dpl={pin}; __cdv={VISITOR}",
            f"__cdv={VISITOR}",
            f"a=1; __cdv={'0' * 32};__dpl={pin}",
            f"__cdv={VISITOR}; __dpl=x; __dpl={pin}",
            f"__cdv={VISITOR}; beta=on",
            *(f"__cdv={VISITOR}; __cda={token}" for token in TOKENS),
        ],
        "accept-language": ["de-DE,de;q=0.9", "en"],
        "x-beta": ["1"],
        "authorization": [LETMEIN, LETMEIN[:-4], "Bearer x"],
        "range": ["bytes=0-1", "bytes=-2", "bytes=99-", "bytes=0-0,2-3", "x"],
        "if-none-match": ["*", '"x"'],
        "if-range": ['"x"'],
        "x-clouddeck-keep": [f"visitor={VISITOR} pin=99"],
        "x-clouddeck-query": ["evil=1"],
        "x-clouddeck-status": ["500"],
        "x-forwarded-host": ["app.localhost"],
        "x-original-url": ["/b/c"],
    }
    said = {
        name: draw(st.sampled_from(values))
        for name, values in choices.items()
        if draw(st.integers(0, 3)) == 0
    }
    if "range" in said:  # of both, what counts is the bucket's affair until CloudFront has the file
        said.pop("if-none-match", None)
    return said


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_both_say_the_same(both, data):
    headers = data.draw(asked(both.versions))
    if "__cdv" not in headers.get("cookie", ""):
        headers["cookie"] = f"{headers.get('cookie', 'b=2')}; __cdv={VISITOR}"  # no fresh ids
    method = data.draw(st.sampled_from(["GET"] * 8 + ["HEAD", "POST", "OPTIONS"]))
    case = (data.draw(hosts(both.versions)), data.draw(targets()), headers, method)
    there, here = both.cloudfront(case), both.laptop(case)
    for name in [*there]:
        if method == "HEAD" and name == "body":
            continue
        assert there[name] == here[name], (name, case, there, here)
