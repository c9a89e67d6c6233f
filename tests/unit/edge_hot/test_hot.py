"""What lies ready says what deciding anew says, whoever asks."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.local.edge import serving
from adapters.local.edge.answers import Answer
from adapters.local.edge.server import EdgeServer
from adapters.local.edge.serving import Request
from adapters.local.edge.settings import EdgeSettings
from tests.contract.edge_sites import FakeSite

SITE = FakeSite("shop")
PIN, OLD = (SITE.deployment(version).removeprefix("dpl_").encode() for version in ("v1", "v2"))
HOST = b"shop.localhost"
OPENING = {b"sec-fetch-dest": b"document"}
COOKIES = [
    {},
    *(
        {b"cookie": line}
        for line in (
            b"a=b",
            b"__dpl=" + PIN,
            b"__dpl=" + OLD,
            b"__dpl=" + OLD + b"; __dpl=" + PIN,
            b"__dpl=none; a=__dpl=" + PIN,
            b"__Host-dpl=" + OLD,
        )
    ),
]
KINDS: list[dict[bytes, bytes]] = [
    {},
    OPENING,
    {b"sec-fetch-dest": b"script"},
    {b"sec-fetch-dest": b"iframe"},
    {b"sec-fetch-dest": b"", b"accept": b"Text/HTML"},
    {b"sec-fetch-dest": b"image", b"accept": b"text/html"},
    {b"accept": b"text/html,*/*"},
    {b"x-clouddeck-pin": OLD},
]
QUERIES = (b"", b"a=b", b"dpl=" + OLD)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[EdgeServer]:
    """An edge that listens nowhere; its site has a window of a minute and an older version."""
    for version in ("v2", "v1"):
        SITE.publish({"index.html": b"home " * 99, "a.js": version.encode()}, version)
    SITE.fill_cache(tmp_path)
    past = [[SITE.deployment("v2"), 4_000_000_000_000]]
    SITE.write_route(tmp_path, SITE.route("v1", skew_seconds=60, past=past))
    server = EdgeServer(EdgeSettings(tmp_path), store=object())  # type: ignore[arg-type]
    asyncio.run(server.reload())
    yield server
    asyncio.run(server.stop())


def asked(edge: EdgeServer, request: Request) -> Answer:
    """What the edge decides."""
    return asyncio.run(edge.serving.answer(request))


@pytest.mark.parametrize("secure", [False, True])
def test_ready_or_decided_it_is_the_same(edge: EdgeServer, secure: bool) -> None:
    paths = (b"/", b"/a.js")
    sorts = list(itertools.product(paths, KINDS, COOKIES, QUERIES))
    for path, kind in itertools.product(paths, KINDS):  # once, so that all lies ready that may
        asked(edge, Request(b"GET", path, b"", HOST, kind, secure=secure))
    ready = opened = 0
    for path, kind, cookie, query in sorts:
        sent = kind | cookie
        hot = edge.serving.hot(HOST, path, sent, query, secure)
        for tag in (None, *([hot.tag] if hot else [])):
            more = {} if tag is None else {b"if-none-match": tag}
            decided = asked(edge, Request(b"GET", path, query, HOST, sent | more, secure=secure))
            if hot is None:
                continue
            assert decided.head == (hot.head_304 if tag else hot.head), (path, sent, query)
            assert decided.body == (None if tag else hot.body.data), (path, sent, query)
        ready += hot is not None
        opened += hot is not None and b"Set-Cookie" in hot.head
    assert ready > len(sorts) / 2
    # who opens the page gets production whatever they carry; an image is none, whatever it accepts
    openings = 4
    assert opened == openings * len(COOKIES) * len(QUERIES)


def test_asking_again_takes_no_more_room(edge: EdgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_MOST_HOT", 10)
    for _ in range(50):
        for method, kind in ((b"HEAD", {}), (b"GET", {}), (b"HEAD", OPENING)):
            asked(edge, Request(method, b"/", b"", HOST, kind))
    assert set(edge.serving.hosts[0]) == {HOST}
    kept = edge.serving.hosts[0][HOST]
    assert (len(kept.pages), len(kept.opened)) == (1, 1)
    before = edge.serving.hot(HOST, b"/", {}, b"")
    asked(edge, Request(b"HEAD", b"/", b"", HOST, {}))
    assert edge.serving.hot(HOST, b"/", {}, b"") is before
