"""The viewer functions as CloudFront gets them, on the shared cases and at their own limits."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.edge.rules import types
from chalicelib.edge.rules.routing import verdicts
from tests.fakes.viewer import SOURCES, Viewer, deployed, event_request, set_cookies
from tests.vectors.cases import Book, Case

MOST_BYTES = 10_240
BOOKS = [Book.read("serving"), Book.read("visitors")]
CASES = [(book, case) for book in BOOKS for case in book.made]
ANSWERED = [(book, case) for book, case in CASES if case.expect["status"] < 400]
"""CloudFront asks viewer-response about no error."""
SITE = "01kb0000000000000000000000"
COUNTRY = "cloudfront-viewer-country"
RECORD = {"s": "prj_x", "p": SITE, "g": 1}


def named(it: Book | Case) -> str:
    return it.name if isinstance(it, Case) else ""


def asked(viewer: Viewer, book: Book, case: Case) -> dict[str, Any]:
    """What viewer-request makes of a case."""
    return viewer.request(
        event_request(
            case.host,
            case.path,
            case.headers_over_tls | ({COUNTRY: case.country} if case.country else {}),
        ),
        book.records(case),
        {"requestId": case.request_id},
        tenant=case.tenant if case.own_domain else None,
        now=case.now or book.now,
    )


@pytest.mark.parametrize(("book", "case"), CASES, ids=named)
def test_request(viewer: Viewer, book: Book, case: Case):
    got = asked(viewer, book, case)
    if case.expect["uri"] is None:
        assert got["statusCode"] == 404
        assert viewer.reads == []
        return
    assert got["uri"] == case.expect["uri"]
    assert got["querystring"] == {}
    assert len(viewer.reads) == 1


@pytest.mark.parametrize(("book", "case"), ANSWERED, ids=named)
def test_response(viewer: Viewer, book: Book, case: Case):
    """The origin's part of the case is given; the visitor's part follows."""
    request = asked(viewer, book, case)
    want = case.expect
    headers = {"x-clouddeck-deployment": {"value": want["deployment"]}}
    if want["file"]:
        headers["content-type"] = {"value": types.content_type(want["file"])}
    if want["location"]:
        headers["location"] = {"value": want["location"].partition("?")[0]}
        headers["x-clouddeck-carry"] = {"value": "1"}
    got = viewer.response(request, {"statusCode": want["status"], "headers": headers})
    assert got["headers"].get("location", {}).get("value") == want["location"]
    assert set_cookies(got) == [
        f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"
        for name, (value, seconds) in case.cookies_over_tls.items()
    ]


def ask(viewer: Viewer, path: str = "/", method: str = "GET", **headers: str) -> dict[str, Any]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return viewer.request(event_request("a.localhost", path, given, method), {"a": RECORD})


@pytest.mark.parametrize(
    ("path", "accept", "key"),
    [
        ("/users/7", "text/html,*/*", "text/html"),
        ("/users/7", "Text/HTML", "text/html"),
        ("/users/7", "application/json", "*/*"),
        ("/users/7", "", "*/*"),
        ("/a.png", "image/avif,text/html", "*/*"),
        ("/v1.2/", "text/html", "text/html"),
    ],
)
def test_the_key_of_the_cache_knows_whether_a_page_is_wanted(viewer, path, accept, key):
    """Without this a program's "not found" would be kept for the pages of an app."""
    headers = {"Accept": accept} if accept else {}
    assert ask(viewer, path, **headers)["headers"]["accept"] == {"value": key}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_other_methods_go_to_the_origin_as_they_are(viewer, method):
    got = ask(viewer, "/form", method)
    assert (got["method"], got["uri"]) == (method, f"/d/a/{SITE}/form")


def test_our_own_headers_of_a_stranger_are_gone(viewer):
    noise = {"x-clouddeck-keep": "visitor=" + "0" * 32, "X-CloudDeck-Type": "a", "X-Other": "b"}
    got = ask(viewer, **noise)
    assert set(got["headers"]) == {"host", "accept", "x-other", "x-clouddeck-host"}
    assert got["headers"]["x-clouddeck-host"] == {"value": "a.localhost"}


def test_no_store_at_all_asks_the_origin(viewer):
    got = viewer.request(event_request("a.localhost", "/x"), None)
    assert got["uri"] == "/d/a/-/x"


def test_a_path_without_its_slash_cannot_join_the_deployment(viewer):
    assert ask(viewer, "x")["uri"] == f"/d/a/{SITE}/x"


def test_without_a_host(viewer):
    request = event_request("", "/")
    assert viewer.request(request, {})["statusCode"] == 404
    del request["headers"]["host"]
    assert viewer.request(request, {})["statusCode"] == 404


@pytest.mark.parametrize("query", ["a b", "a\tb", "ü", "x" * 4097])
def test_a_query_that_no_header_may_hold_is_dropped(viewer, query):
    assert "x-clouddeck-query" not in ask(viewer, "/x?" + query)["headers"]


def test_a_runtime_without_the_raw_query(viewer):
    request = event_request("a.localhost", f"/x?dpl={SITE}")
    del request["rawQueryString"]
    got = viewer.request(request, {"a": RECORD | {"k": 60}}, now=1_764_000_000_000)
    assert "x-clouddeck-query" not in got["headers"]


def answered(viewer: Viewer, keep: str, status: int = 200, **headers: str) -> dict[str, Any]:
    request = event_request("a.localhost", "/") | {"headers": {"x-clouddeck-keep": {"value": keep}}}
    given = {name.replace("_", "-"): {"value": value} for name, value in headers.items()}
    return viewer.response(request, {"statusCode": status, "headers": given})


PAGE = {"content_type": "text/html; charset=utf-8", "x_clouddeck_deployment": "dpl_" + SITE}


@pytest.mark.parametrize(
    "keep",
    [
        "",
        "nonsense",
        "visitor=" + "0" * 32,
        "visitor=" + "g" * 32 + " ",
        "visitor=" + "0" * 31 + " pin=1",
        "pin=-1",
        "pin=1e9",
        "pin=1; Domain=example.com",
        "pin=999999999",
        " pin=1",
    ],
)
def test_notes_of_a_stranger_give_no_cookies(viewer, keep):
    assert "cookies" not in answered(viewer, keep, **PAGE)


def test_a_request_as_the_visitor_sent_it_gives_no_cookies(viewer):
    request = event_request("a.localhost", "/about.html?x=1", {"Accept": "text/html"})
    del request["rawQueryString"]
    headers = {name.replace("_", "-"): {"value": value} for name, value in PAGE.items()}
    got = viewer.response(request, {"statusCode": 200, "headers": headers})
    assert "cookies" not in got


@pytest.mark.parametrize(
    ("status", "headers", "remembered"),
    [
        (200, PAGE, True),
        (206, PAGE, True),
        (304, {"x_clouddeck_deployment": "dpl_" + SITE}, True),
        (200, PAGE | {"content_type": "text/css"}, False),
        (200, PAGE | {"content_type": "a/b; c=text/html"}, False),
        (200, {"content_type": "text/html"}, False),
        (200, PAGE | {"x_clouddeck_deployment": SITE}, False),
        (308, {"x_clouddeck_deployment": "dpl_" + SITE, "location": "/"}, False),
    ],
)
def test_pages_are_remembered(viewer, status, headers, remembered):
    got = answered(viewer, "pin=60", status, **headers)
    assert (got.get("cookies", {}).get("__Host-dpl", {}).get("value") == SITE) is remembered


def test_the_cookies_of_the_origin_stay(viewer):
    request = event_request("a.localhost", "/") | {
        "headers": {"x-clouddeck-keep": {"value": "pin=60"}}
    }
    headers = {name.replace("_", "-"): {"value": value} for name, value in PAGE.items()}
    response = {"statusCode": 200, "headers": headers, "cookies": {"a": {"value": "1"}}}
    assert set(viewer.response(request, response)["cookies"]) == {"a", "__Host-dpl"}


@pytest.mark.parametrize("status", [200, 301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "carried"),
    [
        ("/a", "/a?x=1"),
        ("/a?b=2", "/a?b=2&x=1"),
        ("/a#top", "/a?x=1#top"),
        ("/a?b#top", "/a?b&x=1#top"),
        ("https://other.example/", "https://other.example/?x=1"),
        ("/#a#b", "/?x=1#a#b"),
    ],
)
def test_the_query_goes_along_where_the_origin_says_so(viewer, status, location, carried):
    request = event_request("a.localhost", "/") | {
        "headers": {"x-clouddeck-query": {"value": "x=1"}}
    }
    for note, want in [({}, location), ({"x-clouddeck-carry": {"value": "1"}}, carried)]:
        response = {"statusCode": status, "headers": {"location": {"value": location}, **note}}
        got = viewer.response(request, response)["headers"]
        assert got == {"location": {"value": want}}
    assert verdicts.carried(location, b"x=1") == carried


def test_what_is_between_origin_and_edge_stays_there(viewer):
    got = answered(
        viewer,
        "",
        cache_control="public,max-age=0,must-revalidate,s-maxage=31536000",
        cache_tag="dep-x,site-y",
        x_clouddeck_type="text/html",
        x_clouddeck_error="range",
        etag='"x"',
    )
    assert got["headers"] == {
        "cache-control": {"value": "public,max-age=0,must-revalidate"},
        "x-clouddeck-error": {"value": "range"},
        "etag": {"value": '"x"'},
    }


# the limits of the runtime


@pytest.mark.parametrize("name", ["viewer_request", "viewer_response"])
def test_size(name):
    size = len(deployed(name, "sites." + "a" * 200 + ".example.com").encode())
    print(f"{name}: {size} of {MOST_BYTES} bytes")
    assert size <= MOST_BYTES


@pytest.mark.parametrize("name", ["viewer_request", "viewer_response"])
def test_language(name):
    """What JavaScript runtime 2.0 lacks; Node would not notice. Strings hold none of it."""
    text = deployed(name, "localhost")
    lacking = {
        "spread, rest in calls": r"\.\.\.",
        "optional chaining": r"\?\.[A-Za-z_(\[]",
        "nullish": r"\?\?",
        "for-of": r"\bfor\s*\([^;)]*\bof\b",
        "classes": r"\bclass\b",
        "destructuring": r"\b(?:const|let|var)\s*[\[{]",
        "generators": r"\bfunction\s*\*|\byield\b",
        "catch without a name": r"\bcatch\s*\{",
        "await in an argument": r"[(,]\s*await\b",
        "async closures": r"\basync\s*(?:\(|[A-Za-z_]+\s*=>)",
        "default parameters": r"function\s*\w*\([^)]*=",
        "evaluation": r"\beval\b|new Function\b",
        "lookbehind": r"\(\?<[=!]",
        "named placeholders left": "%SITES_DOMAIN%",
    }
    found = [what for what, pattern in lacking.items() if re.search(pattern, text)]
    assert found == []


def test_the_domain_stands_in_the_source_once():
    source = (SOURCES / "viewer_request.js").read_text()
    assert source.count("'%SITES_DOMAIN%'") == 1


def test_what_production_did_not_answer_is_noted(viewer: Viewer):
    """The access log does not say which version answered; this line has the same request id."""
    canary = "01kb0000000000000000000009"
    record = RECORD | {"c": canary, "w": 10_000}
    event = event_request("shop.localhost", "/", {"accept": "text/html"})
    for kept, said in ((RECORD, []), (record, [f"dpl {canary}"])):
        viewer.request(event, {"shop": kept}, {"requestId": "r"})
        assert viewer.notes == said
