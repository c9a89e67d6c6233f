"""Whatever strangers write: an answer in little time, and a table that every edge can read."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing.codec import digest_of, encode, parse_routing
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import facts_of
from chalicelib.edge.rules.routing.table import Table
from chalicelib.edge.rules.routing.verdicts import Redirect
from chalicelib.routing.rules.compile import FILES, Compiled, compiled

WORDS = st.sampled_from(
    [
        *(
            "/",
            "/a",
            "/a/*",
            "/:x/b",
            "/*",
            "/:a*",
            "//",
            "/%2F",
            "/%zz",
            "/..",
            "/\\",
            "/a b",
            "é",
        ),
        *(
            "https://x.example.com/:splat",
            "http://10.0.0.1/",
            "//evil",
            "backend:api/",
            "200",
            "301!",
        ),
        *(
            "404",
            "999",
            "Country=de",
            "Language=xx-",
            "Cookie=a,b",
            "Role=x",
            "id=:id",
            "=",
            ":",
            "#",
        ),
        *(
            "X-A: 1",
            "Basic-Auth: a:b",
            "Set-Cookie: a",
            "a\r",
            "\x00",
            "\x7f",
            "\ud800",
            "(.*)",
            "{a}?",
        ),
        *("((?!a|b).*)", ":x(\\d+)", ":x((((", "[a-z", "*" * 9, "$1", "\n", "\n  ", " ", "\t"),
    ]
)
LINES = st.lists(WORDS | st.text(max_size=8), max_size=30).map(" ".join)
SOURCES = st.lists(WORDS | st.text(max_size=4), max_size=8).map("".join)
KEYS = re.findall(
    r"\w+",
    "source destination has missing type key value headers permanent statusCode src dest status "
    "handle methods from to for when host country query users origins url name",
)
JSON = st.recursive(
    SOURCES | st.booleans() | st.integers(0, 999) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
VERCEL = st.dictionaries(
    st.sampled_from(["redirects", "rewrites", "headers", "routes", "cleanUrls", "trailingSlash"]),
    JSON | st.lists(JSON, max_size=4),
    max_size=4,
)


def usable(made: Compiled) -> None:
    """Without faults the table goes to the store, comes back, and answers."""
    if made.faults:
        return
    data = encode(made.routing)
    assert parse_routing(data, digest_of(data)) == made.routing
    table = Table(made.routing)
    facts = facts_of(table.looks, lambda _: "x", host="a.example.com", method="GET", query="id=1")
    for path in (b"/", b"/a", b"/a/b/c", b"/%2e%2e/x", b"//evil.example.com", "/é".encode()):
        verdict = decide(path, "text/html", {"index.html"}.__contains__, SiteRules(), table, facts)
        if isinstance(verdict, Redirect):
            assert not verdict.location.startswith(("//", "/\\"))
            assert verdict.location.isascii()
            assert verdict.location.isprintable()


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(FILES), LINES | st.text(max_size=200), max_size=5))
def test_any_text_has_an_answer(texts: dict[str, str]) -> None:
    usable(compiled(texts))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SOURCES, SOURCES), max_size=4))
def test_any_line_of_redirects_has_an_answer(pairs: list[tuple[str, str]]) -> None:
    usable(compiled({"_redirects": "\n".join(f"/{a} /{b}" for a, b in pairs)}))


@settings(max_examples=150, deadline=None)
@given(VERCEL)
def test_any_vercel_json_has_an_answer(document: dict[str, object]) -> None:
    usable(compiled({"vercel.json": json.dumps(document)}))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SOURCES, SOURCES), min_size=1, max_size=3))
def test_any_source_of_vercel_has_an_answer(pairs: list[tuple[str, str]]) -> None:
    rules = [{"source": f"/{source}", "destination": f"/{to}"} for source, to in pairs]
    usable(compiled({"vercel.json": json.dumps({"rewrites": rules})}))


LONG = {
    "braces": ("vercel.json", json.dumps({"rewrites": [{"source": "/" + "{" * 4000}]})),
    "brackets": ("vercel.json", json.dumps({"rewrites": [{"source": "/" + "(" * 4000}]})),
    "options": (
        "vercel.json",
        json.dumps({"rewrites": [{"source": "/:a?" * 500, "destination": "/x"}]}),
    ),
    "words": (
        "vercel.json",
        json.dumps({"rewrites": [{"source": f"/({'a/|' * 1300}b)", "destination": "/x"}]}),
    ),
    "stars": ("vercel.json", json.dumps({"routes": [{"src": ".*" * 20_000, "dest": "/"}]})),
    "value": (
        "vercel.json",
        json.dumps(
            {
                "redirects": [
                    {
                        "source": "/a",
                        "destination": "/b",
                        "has": [{"type": "header", "key": "a", "value": "(a+)+$" * 10_000}],
                    }
                ]
            }
        ),
    ),
    "line": ("_redirects", "/" + "a" * 2_000_000 + " /b"),
    "placeholders": ("_redirects", "/:a" * 2_000 + " /b"),
    "header": ("_headers", "/*\n" + "X-A: " + "b" * 1_900_000),
    "blocks": ("_headers", "/a\n X: y\n" * 100_000),
    "many": ("_redirects", "/a\n" * 600_000),
    "own": ("clouddeck.toml", f'redirects = [{{from = "/{"(" * 60_000}", to = "/b"}}]'),
    "users": (
        "_headers",
        "/*\n Basic-Auth: " + " ".join(f"u{number}:p" for number in range(100_000)),
    ),
}


@pytest.mark.parametrize(("file", "text"), LONG.values(), ids=LONG.keys())
def test_long_texts_take_little_time(file: str, text: str) -> None:
    started = time.process_time()
    made = compiled({file: text})
    assert time.process_time() - started < 5
    assert made.faults or made.notes
    assert len(made.faults) <= 200


@pytest.mark.parametrize("text", ["/a /b\x00", "/a /b\x1b[31m", "/a\u202e /b", "/\ud800 /b"])
def test_what_is_told_is_one_printable_line(text: str) -> None:
    made = compiled({"_redirects": f"{text} soon\n/ok /fine"})
    for fault in made.faults:
        assert str(fault).isprintable()


def test_passwords_are_not_told() -> None:
    texts = {
        "_headers": "/*\n  Basic-Auth: ada:hush-hush ada:hush-hush\n",
        "clouddeck.toml": '[[auth]]\nfor = "/x"\nusers = {ada = "hush-hush", bob = ""}\n',
    }
    made = compiled(texts)
    assert len(made.faults) == 2
    assert "hush" not in repr(made.faults) + repr(made.notes)


def test_the_salt_is_of_the_project() -> None:
    text = {"_headers": "/*\n  Basic-Auth: ada:word\n"}
    one, two = compiled(text, salt="prj_1").routing, compiled(text, salt="prj_2").routing
    assert one == compiled(text, salt="prj_1").routing
    assert one.auth[0].users[0][1:] != two.auth[0].users[0][1:]
