"""JavaScript and Python decide alike, whatever comes."""

from __future__ import annotations

import json
from dataclasses import replace
from operator import itemgetter
from posixpath import normpath
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.clouds.aws import routes
from chalicelib.edge.rules import visitors
from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.resolve import SiteRules, decide
from chalicelib.edge.rules.routes import Match
from chalicelib.edge.rules.routing.facts import facts_of, read_seen
from chalicelib.edge.rules.visitors import ALL, Visit
from chalicelib.ports import SiteRoute
from tests.fakes.viewer import event_request

OLD = "dpl_01kb" + "0" * 22
NEW = "dpl_01kc" + "0" * 22
ROUTE = SiteRoute("prj_x", "team_x", "a", OLD, 1, canary=NEW)
NOW = 1_800_000_000_000

COUNTRY = "cloudfront-viewer-country"
first = itemgetter(0)

weights = st.integers(0, ALL)
ulids = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=25, max_size=25).flatmap(
    lambda rest: st.sampled_from("01234567").map(lambda first: first + rest)
)
pieces = st.sampled_from(
    [
        "__cdv=",
        "__dpl=",
        "__Host-cdv=",
        "__Host-dpl=",
        "dpl=",
        "; ",
        ";",
        " ",
        "=",
        "&",
        "a",
        "0" * 32,
        "f" * 32,
        OLD[4:],
        NEW[4:],
    ]
)
lines = st.lists(pieces, max_size=12).map("".join)
destinations = st.sampled_from(["", "document", "empty", "iframe", "script", "Document"])
accepts = st.sampled_from(["", "*/*", "text/html", "Text/HTML;q=0", "image/*"])


@settings(max_examples=300, deadline=None)
@given(
    cookie=lines,
    query=lines,
    pin=st.one_of(st.just(""), ulids, st.just(NEW[4:]), lines),
    destination=destinations,
    accept=accepts,
    weight=weights,
    skew=st.sampled_from([0, 1, 10**6, 10**8]),
    request=st.text("abc=_-", max_size=10),
    match=st.sampled_from(
        [
            None,
            Match("country", "", ("DE", "AT")),
            Match("cookie", "a", ("a", "0" * 32)),
            Match("header", "X-Beta", ("1",)),
        ]
    ),
    country=st.sampled_from(["", "DE", "FR"]),
    beta=st.sampled_from(["", "1", "2"]),
    past=st.lists(st.tuples(ulids, st.integers(-(10**6), 10**6)), max_size=6, unique_by=first),
    now=st.sampled_from([NOW, visitors.made_ms(OLD[4:]), visitors.made_ms(NEW[4:]) + 1000]),
)
def test_both_languages_choose_alike(
    viewer,
    cookie,
    query,
    pin,
    destination,
    accept,
    weight,
    skew,
    request,
    match,
    country,
    beta,
    past,
    now,
):
    headers = {
        "cookie": cookie,
        "x-clouddeck-pin": pin,
        "sec-fetch-dest": destination,
        "accept": accept,
        "x-beta": beta,
    }
    was = tuple(("dpl_" + one, now - now % 1000 - ago * 1000) for one, ago in past)
    route = replace(ROUTE, weight=weight, skew_seconds=skew, match=match, past=was)
    visit = Visit(
        lambda name: headers.get(name, ""), query, request, now, secure=True, country=country
    )
    choice = visitors.choose(route, None, visit)
    record = json.loads(routes.record(route, now))
    got = viewer.request(
        event_request("a.localhost", "/x?" + query, headers | {COUNTRY: country}),
        {"a": record},
        {"requestId": request},
        now=now,
    )
    assert got["uri"] == f"/d/a/{(choice.claimed or choice.deployment or '')[4:]}/x"
    keep = got["headers"].get("x-clouddeck-keep", {}).get("value", "")
    visitor = f"visitor={choice.visitor} " if choice.visitor else ""
    assert keep == visitor + (f"pin={choice.pin_seconds}" if choice.pin_seconds else "")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["/", ".", "..", "%2e", "%2E", "%2f", "\\", "%5C", "a", "p", "...", "d"]),
        max_size=10,
    )
)
def test_no_path_climbs_out_of_its_site(viewer, pieces):
    """Not even where an address is decoded and resolved before somebody looks it up."""
    path = "/" + "".join(pieces)
    record = {"s": "prj_x", "p": OLD[4:], "g": 1}
    made = viewer.request(event_request("a.localhost", path), {"a": record})["uri"]
    plain = unquote(made).replace("\\", "/")
    assert (normpath(plain) + "/").startswith(f"/d/a/{OLD[4:]}/")
    if made.endswith("/%00") and "%00" not in path:
        assert decide(path.encode(), "", lambda _: True, SiteRules()).status == 400


DOTTED = (".", "..", ".localhost", "localhost", "example.com", "%2e")
PARTS = (
    *DOTTED,
    "a",
    "blog",
    "-",
    "--",
    ":80",
    ":",
    "A",
    "ü",
    "\u212a",
    "_",
    "xn--",
    " ",
    "x" * 62,
)
hosts = st.lists(st.sampled_from([*PARTS, OLD[4:], OLD[4:].upper()]), max_size=6).map("".join)


@settings(max_examples=300, deadline=None)
@given(hosts, st.booleans())
def test_both_languages_read_hosts_alike(viewer, host, below):
    host = f"{host}.localhost" if below else host
    site = parse_host(host, "localhost")
    got = viewer.request(event_request(host, "/"), {})
    if site is None:
        assert got["statusCode"] == 404
    elif site.deployment is None:
        assert got["uri"] == f"/d/{site.slug}/-/"
    else:
        assert got["uri"] == f"/p/{site.slug}/{site.deployment[4:]}/"


paths = st.lists(
    st.sampled_from(["a", "/", ".", "%2e", "%2f", "%", "b.c", "//", "%C3%BC", "index.html", ".."]),
    max_size=6,
).map(lambda pieces: "/" + "".join(pieces))


@settings(max_examples=300, deadline=None)
@given(paths, accepts)
def test_what_is_left_of_accept_decides_as_the_whole(viewer, path, accept):
    headers = {"accept": accept} if accept else {}
    got = viewer.request(event_request("a.localhost", path, headers), {})
    left = got["headers"]["accept"]["value"]
    files = {"index.html", "a", "a/index.html"}
    whole, part = (
        decide(path.encode(), said, files.__contains__, SiteRules(spa=True))
        for said in (accept, left)
    )
    assert whole == part


LOOKS = (
    *("country", "language", "query", "authorization", "header:host"),
    *("cookie:a", "cookie:B", "header:X-Beta", "header:accept-language"),
)
odd = st.text(st.sampled_from("ab1 &=%+;,'()*!~/?#\"üé\u20ac"), max_size=12)
values = st.one_of(odd, odd.map(lambda text: text * 60))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(LOOKS), unique=True, max_size=6),
    st.dictionaries(
        st.sampled_from(["accept-language", "authorization", "x-beta", COUNTRY]), values
    ),
    st.lists(st.tuples(st.sampled_from("aBc"), odd), max_size=3),
    st.text("abc=&%41+;", max_size=20),
)
def test_both_languages_see_alike(viewer, looks, headers, cookies, query):
    """What the visitor's function writes is what the origin reads, and says the same."""
    line = "; ".join(f"{name}={text.replace(';', '').strip()}" for name, text in cookies)
    given = headers | {"cookie": line}
    record = {"s": "prj_x", "p": OLD[4:], "g": 1, "l": looks}
    got = viewer.request(event_request("A.localhost:80", "/x?" + query, given), {"a": record})
    said = got["headers"].get("x-clouddeck-seen", {}).get("value", "")
    facts = facts_of(
        looks,
        lambda name: given.get(name, ""),
        host="A.localhost:80",
        method="GET",
        query=query,
        country=headers.get(COUNTRY, ""),
    )
    facts.values.pop("country", None)
    if headers.get(COUNTRY) and "country" in looks:  # two capitals, and never anything else
        facts.values["country"] = headers[COUNTRY][:512]
    assert said == facts.seen(looks)
    assert read_seen(said, host="", method="GET").values == facts.values
