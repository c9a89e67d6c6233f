"""Answers of backends that the edge keeps: which, for whom, and for how long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chalicelib.edge.rules.routing.model import Backend as Terms
from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, run, seen, to


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        (("Cache-Control: public, max-age=60",), True),
        (("Cache-Control: s-maxage=60",), True),
        (("Cache-Control: max-age=60",), False),
        (("Cache-Control: public, max-age=60", "Set-Cookie: a=1"), False),
        (("Cache-Control: public, max-age=60, private",), False),
        (("Cache-Control: public, max-age=60", "Cache-Control: no-store"), False),
        (("Cache-Control: public, max-age=60, no-cache",), False),
        (("Cache-Control: public, max-age=60", "Vary: *"), False),
        (("Cache-Control: public, max-age=60", "Vary: Cookie"), False),
        (("Cache-Control: public, max-age=60", "Age: 90"), False),
        (("Expires: Thu, 01 Jan 2099 00:00:00 GMT",), False),
        ((), False),
    ],
)
def test_only_what_says_so_is_kept(headers: tuple[str, ...], kept: bool) -> None:
    async def work() -> None:
        async with Backend(lambda _: reply(b"x", "200 OK", *headers)) as there:
            one = proxy()
            for _ in range(3):
                got = await seen(await one.answer(request(), to(there.url()), CONTEXT))
                assert got.body == b"x"
            assert len(there.asked) == (1 if kept else 3)
            assert got.headers["x-clouddeck-cache"] == ("hit" if kept else "pass")

    run(work())


@pytest.mark.parametrize(
    "odd",
    [
        {"authorization": "Bearer x"},
        {"cookie": "session=1"},
        {"range": "bytes=0-1"},
        {"x_host": "evil"},
        {"x_http_method_override": "POST"},
        {"x_canary": "evil"},
    ],
)
def test_who_tells_something_of_themselves_neither_gets_nor_leaves_a_kept_answer(
    odd: dict[str, str],
) -> None:
    async def work() -> None:
        def say(asked: Any) -> bytes:
            return reply(
                repr(asked.headers).encode(), "200 OK", "Cache-Control: public, max-age=60"
            )

        async with Backend(say) as there:
            one = proxy()
            first = await seen(await one.answer(request(**odd), to(there.url()), CONTEXT))
            clean = await seen(await one.answer(request(), to(there.url()), CONTEXT))
            assert clean.headers["x-clouddeck-cache"] == "miss"
            for value in odd.values():
                assert value.encode() not in clean.body
            again = await seen(await one.answer(request(**odd), to(there.url()), CONTEXT))
            assert (
                again.headers["x-clouddeck-cache"] == first.headers["x-clouddeck-cache"] == "pass"
            )

    run(work())


def test_kept_answers_vary_as_they_say_and_answer_conditions() -> None:
    async def work() -> None:
        def say(asked: Any) -> bytes:
            more = ("Cache-Control: public, max-age=60", "Vary: Accept-Language", 'ETag: "e"')
            return reply((asked.header("accept-language") or "-").encode(), "200 OK", *more)

        async with Backend(say) as there:
            one = proxy()
            for language in ("de", "fr", "de", "fr"):
                asked = request(accept_language=language)
                got = await seen(await one.answer(asked, to(there.url()), CONTEXT))
                assert got.body == language.encode()
            assert len(there.asked) == 2
            asked = request(accept_language="de", if_none_match='"e"')
            got = await seen(await one.answer(asked, to(there.url()), CONTEXT))
            assert (got.status, got.body, len(there.asked)) == (304, b"", 2)

    run(work())


def test_many_visitors_are_one_request() -> None:
    async def work() -> None:
        async def slowly(_: Any) -> bytes:
            await asyncio.sleep(0.2)
            return reply(b"x", "200 OK", cache)

        for said, expected in (("Cache-Control: public, max-age=9", 1), ("X: y", 50)):
            cache = said
            async with Backend(slowly) as there:
                one = proxy()
                rule = to(there.url())
                answers = await asyncio.gather(
                    *(one.answer(request(), rule, CONTEXT) for _ in range(50))
                )
                assert {(await seen(answer)).body for answer in answers} == {b"x"}
                assert len(there.asked) == expected

    run(work())


def test_while_nobody_answers_what_is_over_is_shown() -> None:
    async def work() -> None:
        fresh = "Cache-Control: public, s-maxage=1"
        terms = Terms("api", (), stale_seconds=60, failures=100)
        for oops in (None, reply(b"oops", "500 No")):
            said: list[bytes | None] = [reply(b"x", "200 OK", fresh)]
            async with Backend(lambda _, said=said: said[0]) as there:  # type: ignore[misc]
                one, rule, now = proxy(), to(there.url(), backend=terms), [1_000_000.0]
                one._answers._now = lambda now=now: now[0]
                await seen(await one.answer(request(), rule, CONTEXT))
                said[0] = oops
                now[0] += 1.1
                got = await seen(await one.answer(request(), rule, CONTEXT))
                assert (got.status, got.body) == (200, b"x")
                assert (got.headers["x-clouddeck-cache"], got.headers["age"]) == ("stale", "1")
                # what was not there before is no page of another
                other = to(there.url("/y"), backend=terms)
                got = await seen(await one.answer(request(), other, CONTEXT))
                assert got.status in {500, 502}

    run(work())


def test_purge_forgets_by_tag_path_and_all() -> None:
    async def work() -> None:
        more = ("Cache-Control: public, max-age=60", "Cache-Tag: news, front")
        async with Backend(lambda _: reply(b"x", "200 OK", *more)) as there:
            one, rule = proxy(), to(there.url())

            async def cached() -> str:
                got = await seen(await one.answer(request(), rule, CONTEXT))
                return got.headers["x-clouddeck-cache"]

            assert [await cached(), await cached()] == ["miss", "hit"]
            assert one.purge("prj_2", everything=True) == 0
            assert one.purge("prj_1", tags=["other"], paths=["/api"]) == 0
            assert await cached() == "hit"
            for wish in ({"tags": ["news"]}, {"paths": ["/api/*"]}, {"paths": ["/api/x"]}):
                assert one.purge("prj_1", **wish) == 1  # type: ignore[arg-type]
                assert [await cached(), await cached()] == ["miss", "hit"]
            assert one.purge("prj_1", everything=True) == 1

    run(work())


def test_a_long_answer_is_passed_on_though_it_could_be_kept() -> None:
    async def work() -> None:
        long = b"x" * 3_000_000
        said = reply(long, "200 OK", "Cache-Control: public, max-age=60")
        async with Backend(lambda _: said) as there:
            one = proxy()
            for _ in range(2):
                got = await seen(await one.answer(request(), to(there.url()), CONTEXT))
                assert got.body == long
            assert len(there.asked) == 2

    run(work())
