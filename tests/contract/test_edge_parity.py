"""Requests that nobody thought of: the local edge and CloudFront say the same to each.

What visitors may tell them apart by stands in docs/architecture.md, section 10.
"""

from __future__ import annotations

import http.client
import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core import clock, ids
from tests.contract.edge_sites import EdgeProcess, FakeSite, ObjectServer
from tests.fakes.bucket import DictBucket
from tests.fakes.cloudfront import CloudFront
from tests.fakes.origin import Backend, row
from tests.fakes.viewer import Viewer

EXAMPLES = int(os.environ.get("CLOUDDECK_PARITY_EXAMPLES") or 400)
DOMAIN = "localhost"
VISITOR = "4c948685cab31aa7b166691bde8e2bcf"
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
        *("vary", "content-security-policy"),
    )
    said: dict[str, Any] = {name: headers.get(name) for name in names}
    said |= {"status": status, "cookies": cookies, "body": body}
    if status < 400:
        said["cache-control"] = headers.get("cache-control")
    if status == 304:  # CloudFront repeats more of the headers than a visitor's copy needs
        said |= dict.fromkeys(("content-type", "accept-ranges", "x-robots-tag", "vary"))
        said["x-content-type-options"] = None
    if status == 400:  # which of its faults a path is refused for
        said["x-clouddeck-error"] = None
    if status == 416:  # for a file that it keeps, CloudFront says so itself
        return {"status": 416, "content-range": said["content-range"], "cookies": cookies}
    if headers.get("x-clouddeck-error") == "unknown_host":  # a function of 10 KB has fewer words
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
    for site in (shop, split, keep, gone):
        for version in site.ids or {"v1": ""}:
            files = {path: f"{site.slug} {version} ".encode() + b for path, b in FILES.items()}
            site.publish(files, version, clean_urls=site is not keep)
    app.publish({path: b"app " + body for path, body in FILES.items()}, spa=True)
    return [
        (shop, {}),
        (app, {}),
        (split, {"canary": split.ids["v2"], "weight": 5000, "skew_seconds": 3600}),
        (keep, {"canary": keep.ids["v2"], "weight": 10_000, "skew_seconds": 1200}),
        (empty, {"production": None}),
        (gone, {"gone": True}),
    ]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    home = tmp_path_factory.mktemp("edge")
    with pytest.MonkeyPatch.context() as patch, Viewer(DOMAIN) as viewer:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        backend = Backend()
        front = CloudFront.ours(viewer, DictBucket(backend.objects), backend.settings(), {})
        versions = {}
        for site, more in sites(clock.now_ms()):
            site.write_route(home, site.route(**more))
            backend.objects.update(site.objects)
            production = more.get("production", site.deployment())
            gone = more.get("gone", False)
            backend.rows[site.slug] = row(site.project, site.team, production, gone=gone)
            record = {"s": site.project, "g": 1, "x": int(gone)}
            for key, value in (("p", production), ("c", more.get("canary"))):
                record |= {key: value.removeprefix("dpl_")} if value else {}
            record |= {"w": more.get("weight", 0), "k": more.get("skew_seconds", 0)}
            front.kvs[site.slug] = record
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


SLUGS = ["shop", "app", "split", "keep", "empty", "gone", "nobody"]
NAMES = st.sampled_from(["shop v1", "app v1", "split v1", "split v2", "keep v1", "keep v2", "none"])


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
    known = st.sampled_from(sorted(FILES)).map(quote)
    odd = st.lists(st.sampled_from(PIECES), max_size=6).map(
        lambda pieces: "/".join(pieces) if len(pieces) % 2 else "".join(pieces)
    )
    path = "/" + draw(st.one_of(known, odd))
    ending = draw(st.sampled_from(["", "", "", "/", ".html", "index.html", "//"]))
    queries = ["", "", "?", "?x=1", "?a=b&dpl=c", "?a#b", "?" + "q" * 4096, "?" + "q" * 4097]
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
        ],
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
