"""What a kept answer depends on is what the backend was told, and keys stay small."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from adapters.local.edge.proxy import _key
from adapters.local.edge.stale import lifetime
from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, seen, to


def test_what_did_not_reach_the_backend_chooses_no_variant() -> None:
    """A visitor may name any header in Connection; then it is not passed on."""

    async def work() -> None:
        def say(asked: Any) -> bytes:
            more = ("Cache-Control: public, max-age=60", "Vary: Accept-Language")
            return reply((asked.header("accept-language") or "none").encode(), "200 OK", *more)

        async with Backend(say) as there:
            one, rule = proxy(), to(there.url())
            odd = request(accept_language="de", connection="accept-language")
            assert (await seen(await one.answer(odd, rule, CONTEXT))).body == b"none"
            german = request(accept_language="de")
            assert (await seen(await one.answer(german, rule, CONTEXT))).body == b"de"

    asyncio.run(asyncio.wait_for(work(), 20))


def test_who_comes_by_tls_is_not_sent_to_tls_again() -> None:
    async def work() -> None:
        def say(asked: Any) -> bytes:
            if asked.header("x-forwarded-proto") == "https":
                return reply(b"page", "200 OK", "Cache-Control: public, max-age=60")
            more = ("Cache-Control: public, max-age=60", "Location: https://shop.localhost/")
            return reply(b"", "301 Moved Permanently", *more)

        async with Backend(say) as there:
            one, rule = proxy(), to(there.url())
            assert (await seen(await one.answer(request(), rule, CONTEXT))).status == 301
            secure = replace(request(), secure=True)
            assert (await seen(await one.answer(secure, rule, CONTEXT))).status == 200

    asyncio.run(asyncio.wait_for(work(), 20))


def test_what_no_server_owns_up_to_is_not_sent_when_the_answer_is_everybodys() -> None:
    async def work() -> None:
        def say(asked: Any) -> bytes:
            return reply(repr(asked.headers).encode(), "200 OK", "Cache-Control: s-maxage=60")

        async with Backend(say) as there:
            names = ("dnt", "priority", "save_data", "sec_gpc", "pragma", "cache_control")
            for number, name in enumerate((*names, "upgrade_insecure_requests")):
                one, rule = proxy(), to(there.url(f"/{number}"))
                await seen(await one.answer(request(**{name: "canary-7"}), rule, CONTEXT))
                clean = await seen(await one.answer(request(), rule, CONTEXT))
                assert clean.headers["x-clouddeck-cache"] == "hit", name
                assert b"canary-7" not in clean.body, name

    asyncio.run(asyncio.wait_for(work(), 20))


def test_a_key_is_small_however_long_the_query_is() -> None:
    long = replace(request(), query=b"q=" + b"x" * 40_000)
    other = replace(request(), query=b"q=" + b"x" * 39_999 + b"y")
    rule = to("http://127.0.0.1/x", keep_query=True)
    one, two = _key(long, rule, CONTEXT), _key(other, rule, CONTEXT)
    assert one is not None
    assert two is not None
    assert one != two
    assert sum(len(part) for part in (one.path, one.target, one.encoding)) < 3_000
    packed = request(accept_encoding="gzip, " * 5_000)
    assert _key(packed, rule, CONTEXT) is None


def test_a_number_of_any_length_is_a_time() -> None:
    nines = b"9" * 6_000
    kept = lifetime(200, [(b"cache-control", b"public, max-age=60"), (b"age", nines)])
    assert kept is None
    assert lifetime(200, [(b"cache-control", b"s-maxage=" + nines[:1_500])]) is not None


def test_cookies_of_several_lines_reach_the_backend_as_one() -> None:
    async def work() -> None:
        async with Backend(lambda _: reply()) as there:
            asked = request()
            asked.all += [(b"cookie", b"a=1"), (b"cookie", b"__cdv=x"), (b"cookie", b"b=2; c=3")]
            await seen(await proxy().answer(asked, to(there.url()), CONTEXT))
            cookies = [value for name, value in there.asked[0].headers if name == "cookie"]
            assert cookies == ["a=1; b=2; c=3"]

    asyncio.run(asyncio.wait_for(work(), 20))


def test_an_address_that_is_none_is_no_fault_of_ours() -> None:
    async def work() -> None:
        got = await seen(await proxy().answer(request(), to("http://[127.0.0.1]:80/x"), CONTEXT))
        assert got.status == 502

    asyncio.run(asyncio.wait_for(work(), 20))
