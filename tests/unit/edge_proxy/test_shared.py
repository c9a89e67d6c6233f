"""Nothing of one visitor's reaches another: what goes in by a header, a cookie, a query, a path."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, seen, to

CANARY = "canary-3f9a"
HEADERS = (
    *("x-forwarded-host", "x-forwarded-proto", "x-forwarded-scheme", "x-forwarded-port"),
    *("x-forwarded-prefix", "x-forwarded-server", "x-forwarded-for", "x-host", "x-original-host"),
    *("x-original-url", "x-rewrite-url", "x-http-method-override", "x-http-host-override"),
    *("x-method-override", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"),
    *("forwarded", "via", "origin", "authorization", "proxy-authorization", "cookie", "range"),
    *("if-range", "x-requested-with", "x-api-version", "x-user", "x-user-id", "x-auth-token"),
    *("x-amz-date", "x-azure-ref", "fastly-client-ip", "x-middleware-prefetch", "rsc", "next-url"),
    *("next-router-state-tree", "x-nextjs-data", "x-invoke-status", "x-matched-path", "purpose"),
    *("x-wap-profile", "x-att-deviceid", "x-csrf-token", "x-device", "x-country", "x-lang"),
    *("x-theme", "x-debug", "x-cache-key", "x-timer", "transfer-encoding", "te", "trailer"),
    *("connection", "expect", "upgrade", "content-type", "content-encoding", "x-clouddeck-pin"),
    *("x-clouddeck-seen", "x-clouddeck-country", "x-middleware-subrequest", "cdn-loop"),
)


def test_no_header_poisons_what_others_get() -> None:
    """The backend repeats every header that it hears and lets everybody keep it."""

    async def work() -> None:
        def say(asked: Any) -> bytes:
            told = repr((asked.line, asked.headers)).encode()
            return reply(told, "200 OK", "Cache-Control: public, max-age=60")

        async with Backend(say) as there:
            for number, name in enumerate(HEADERS):
                one = proxy()
                rule = to(there.url(f"/{number}"))
                asked = request(**{name.replace("-", "_"): CANARY})
                await seen(await one.answer(asked, rule, CONTEXT))
                clean = await seen(await one.answer(request(), rule, CONTEXT))
                assert CANARY.encode() not in clean.body, name
                # and who asks so is not shown what was kept for others
                kept = await seen(await one.answer(request(), rule, CONTEXT))
                assert kept.headers["x-clouddeck-cache"] == "hit", name

    asyncio.run(asyncio.wait_for(work(), 60))
    assert len(HEADERS) >= 60


def test_a_private_page_is_private_whatever_its_address_ends_with() -> None:
    """Web cache deception: an ending of a file does not make a page anybody's."""
    delimiters = ("/", ";", "%3b", "%2f", "%23", "%3f", "%00", ".", ",", "!", "~", "%0a")
    endings = ("x.css", "x.js", "x.png", "x.jpg", "x.svg", "x.ico", "x.woff2", "x.pdf", "x.txt")

    async def work() -> None:
        counter = itertools.count()

        def say(_: Any) -> bytes:
            return reply(f"account {next(counter)}".encode(), "200 OK", "Content-Type: text/html")

        async with Backend(say) as there:
            one = proxy()
            for delimiter, ending in itertools.product(delimiters, endings):
                rule = to(there.url(f"/account{delimiter}{ending}"))
                victim = request(cookie="session=1")
                first = await seen(await one.answer(victim, rule, CONTEXT))
                second = await seen(await one.answer(request(), rule, CONTEXT))
                assert first.body != second.body

    asyncio.run(asyncio.wait_for(work(), 60))
