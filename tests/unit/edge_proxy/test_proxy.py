"""What crosses the edge on its way to a backend and back, what is tried again, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from chalicelib.edge.rules.routing.model import Backend as Terms
from chalicelib.edge.rules.routing.verdicts import Goal
from chalicelib.edge.rules.routing.verdicts import Proxy as Verdict
from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, seen, to


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_request_and_answer_cross_without_what_belongs_to_the_connection() -> None:
    async def work() -> None:
        said = reply(
            b"ok", "201 Created", "X-Own: 1", "Set-Cookie: a=1", "Set-Cookie: __cda=stolen",
            "Connection: x-hop", "X-Hop: 1", "X-CloudDeck-Error: x", "Alt-Svc: h3", "Keep-Alive: 5",
        )  # fmt: skip
        async with Backend(lambda _: said) as there:
            asked = request(
                "POST", body=b"data", connection="x-mine, close", x_mine="1", x_other="2",
                x_forwarded_for="6.6.6.6", x_forwarded_host="evil", x_clouddeck_pin="p", te="x",
                cookie="a=b; __cda=secret; __Host-cdv=1; c=d", authorization="Bearer t",
                forwarded="for=6.6.6.6", x_original_url="/admin", expect="100-continue",
                transfer_encoding="chunked", upgrade="h2c",
            )  # fmt: skip
            rule = to(there.url("/deep?q=1"), add=(("X-Key", "k"),))
            got = await seen(await proxy().answer(asked, rule, CONTEXT))
            sent = there.asked[0]
        assert (got.status, got.body, got.headers["x-own"]) == (201, b"ok", "1")
        assert got.raw.count(b"et-Cookie: ") == 1
        assert b"Set-Cookie: a=1" in got.raw
        assert not {"x-hop", "connection", "alt-svc", "keep-alive", "x-clouddeck-error"} & set(
            got.headers
        )
        assert got.headers["x-clouddeck-deployment"] == "dpl_1"
        assert sent.line == "POST /deep?q=1 HTTP/1.1"
        assert sent.body == b"data"
        assert dict(sent.headers) == {
            "host": f"127.0.0.1:{there.port}",
            "x-other": "2",
            "cookie": "a=b; c=d",
            "authorization": "Bearer t",
            "x-forwarded-for": "203.0.113.9",
            "x-forwarded-host": "shop.localhost",
            "x-forwarded-proto": "http",
            "via": "1.1 clouddeck",
            "cdn-loop": "clouddeck",
            "x-key": "k",
            "content-length": "4",
        }

    run(work())


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_every_way_to_say_where_an_answer_ends(said: bytes) -> None:
    async def work() -> None:
        async with Backend(lambda _: said) as there:
            got = await seen(await proxy().answer(request(), to(there.url()), CONTEXT))
        assert (got.status, got.body) == (200, b"hello")
        assert "link" not in got.headers

    run(work())


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        None,
    ],
)
def test_what_is_no_answer_is_a_page_of_ours(said: bytes | None) -> None:
    async def work() -> None:
        async with Backend(lambda _: said) as there:
            got = await seen(await proxy().answer(request(), to(there.url()), CONTEXT))
        assert (got.status, got.headers["x-clouddeck-error"]) == (502, "backend_failed")
        assert got.headers["cache-control"] == "no-store"

    run(work())


def test_an_answer_that_breaks_off_is_broken_off() -> None:
    async def work() -> None:
        said = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhello"
        async with Backend(lambda _: said) as there:
            answer = await proxy().answer(request(), to(there.url()), CONTEXT)
            with pytest.raises(OSError):
                await seen(answer)

    run(work())


def test_connections_are_used_again_unless_something_speaks_against_it() -> None:
    async def work() -> None:
        async with Backend(lambda _: reply()) as there:
            one = proxy()
            for _ in range(5):
                await seen(await one.answer(request(), to(there.url()), CONTEXT))
            assert there.connections == 1
            await seen(await one.answer(request("POST"), to(there.url()), CONTEXT))
            assert there.connections == 2  # what must not be sent twice gets a new one
        async with Backend(lambda _: reply() + b"HTTP/1.1 200 OK\r\n\r\nfor somebody else") as odd:
            for _ in range(3):
                got = await seen(await one.answer(request(), to(odd.url()), CONTEXT))
                assert got.body in {b"hello", b""} or got.status == 502
                assert b"else" not in got.body
            assert odd.connections >= 3

    run(work())


def test_a_connection_that_was_closed_meanwhile_costs_nobody_an_answer() -> None:
    async def work() -> None:
        async with Backend(lambda a: reply() if len(there.asked) % 2 else None) as there:
            one = proxy()
            for _ in range(4):
                got = await seen(await one.answer(request(), to(there.url()), CONTEXT))
                assert got.status == 200
        async with Backend(lambda _: None) as there:
            got = await seen(await one.answer(request("POST"), to(there.url()), CONTEXT))
            assert (got.status, len(there.asked)) == (502, 1)

    run(work())


def test_head_and_304_have_no_body_whatever_they_say() -> None:
    async def work() -> None:
        def say(asked: Any) -> bytes:
            if asked.line.startswith("HEAD"):
                return b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
            return b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n"

        async with Backend(say) as there:
            one = proxy()
            got = await seen(await one.answer(request("HEAD"), to(there.url()), CONTEXT))
            assert (got.status, got.body, got.headers["content-length"]) == (200, b"", "99")
            asked = request(if_none_match="x", authorization="me")
            got = await seen(await one.answer(asked, to(there.url()), CONTEXT))
            assert (got.status, got.body) == (304, b"")

    run(work())


def test_another_address_is_tried_when_that_does_no_harm() -> None:
    async def work() -> None:
        async with Backend(lambda _: None) as dead, Backend(lambda _: reply()) as well:
            one = proxy()
            got = await seen(await one.answer(request(), to(dead.url(), well.url()), CONTEXT))
            assert got.status == 200
            rule = to(dead.url(), well.url())
            got = await seen(await one.answer(request("POST"), rule, CONTEXT))
            assert (got.status, len(well.asked)) == (502, 1)
            # nobody listens: nothing was sent, so a POST may go elsewhere
            rule = to("http://127.0.0.1:1/x", well.url())
            got = await seen(await one.answer(request("POST"), rule, CONTEXT))
            assert got.status == 200
        async with (
            Backend(lambda _: reply(b"", "503 No")) as busy,
            Backend(lambda _: reply()) as w2,
        ):
            got = await seen(await one.answer(request(), to(busy.url(), w2.url()), CONTEXT))
            assert got.status == 200
            got = await seen(await one.answer(request(), to(busy.url()), CONTEXT))
            assert got.status == 503

    run(work())


def test_a_breaker_opens_pauses_probes_and_closes() -> None:
    async def work() -> None:
        broken = True
        async with Backend(lambda _: reply(b"", "500 No") if broken else reply()) as there:
            terms = Terms("api", (), failures=3, pause_seconds=1)
            one = proxy()
            rule = to(there.url(), backend=terms)

            async def status() -> int:
                return (await seen(await one.answer(request(), rule, CONTEXT))).status

            assert [await status() for _ in range(5)] == [500, 500, 500, 503, 503]
            assert len(there.asked) == 3
            assert one.breakers("prj_1") == {"api.o0": "open"}
            got = await seen(await one.answer(request(), rule, CONTEXT))
            assert (got.headers["retry-after"], got.headers["x-clouddeck-error"]) == (
                "1",
                "backend_paused",
            )
            await asyncio.sleep(1.1)
            assert one.breakers("prj_1") == {"api.o0": "half_open"}
            assert [await status() for _ in range(3)] == [500, 503, 503]  # one probe only
            broken = False
            await asyncio.sleep(1.1)
            assert [await status() for _ in range(3)] == [200, 200, 200]
            assert one.breakers("prj_1") == {}

    run(work())


def test_private_addresses_are_refused_unless_allowed() -> None:
    async def work() -> None:
        async with Backend(lambda _: reply()) as there:
            one = proxy(private=False)
            for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "0"):
                rule = to(f"http://{host}:{there.port}/")
                got = await seen(await one.answer(request(), rule, CONTEXT))
                assert got.status == 502, host
            got = await seen(await one.answer(request(), to("http://169.254.169.254/"), CONTEXT))
            assert got.headers["x-clouddeck-error"] == "backend_not_allowed"
        assert there.asked == []

    run(work())


def test_redirects_are_answers_and_are_not_followed() -> None:
    async def work() -> None:
        async with Backend(
            lambda _: reply(b"", "302 Found", "Location: http://127.0.0.1/")
        ) as there:
            got = await seen(await proxy().answer(request(), to(there.url()), CONTEXT))
        assert (got.status, got.headers["location"]) == (302, "http://127.0.0.1/")
        assert len(there.asked) == 1

    run(work())


def test_a_request_that_goes_in_circles_ends() -> None:
    async def work() -> None:
        rounds = request(cdn_loop="other, clouddeck, clouddeck, clouddeck")
        got = await seen(await proxy().answer(rounds, to("http://127.0.0.1:1/"), CONTEXT))
        assert got.status == 508

    run(work())


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
                one, rule = proxy(), to(there.url(), backend=terms)
                await seen(await one.answer(request(), rule, CONTEXT))
                said[0] = oops
                await asyncio.sleep(1.1)
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


def test_weights_choose_among_addresses_and_visitors_stay() -> None:
    async def work() -> None:
        names = ("a", "b", "c")
        backends = [Backend(lambda _, n=n: reply(n.encode())) for n in names]  # type: ignore[misc]
        async with backends[0], backends[1], backends[2]:
            targets = tuple(
                Goal(n, there.url(), weight)
                for n, there, weight in zip(names, backends, (60, 30, 10), strict=True)
            )
            one, rule = proxy(), Verdict(goals=targets, backend=Terms("api", ()))
            asked = request(authorization="me")
            for _ in range(600):
                await seen(await one.answer(asked, rule, CONTEXT))
            shares = [len(there.asked) / 600 for there in backends]
            for share, wanted in zip(shares, (0.6, 0.3, 0.1), strict=True):
                assert abs(share - wanted) < 0.1
            steady = request(cookie="__cdv=" + "0" * 32)
            found = {(await seen(await one.answer(steady, rule, CONTEXT))).body for _ in range(20)}
            assert len(found) == 1

    run(work())


def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        async def never(_: Any) -> bytes:
            await asyncio.sleep(30)
            return b""

        async with Backend(never) as there:
            rule = to(there.url(), backend=Terms("api", (), timeout_seconds=1))
            got = await seen(await proxy().answer(request(), rule, CONTEXT))
        assert (got.status, got.headers["x-clouddeck-error"]) == (504, "backend_timeout")

    run(work())


def test_closing_an_answer_that_nobody_read_frees_its_connection() -> None:
    async def work() -> None:
        async with Backend(lambda _: reply(b"x" * 500_000)) as there:
            one = proxy()
            for _ in range(3):
                answer = await one.answer(request(authorization="a"), to(there.url()), CONTEXT)
                await answer.body.pieces.aclose()  # type: ignore[union-attr]
            assert not one._pool._open

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
