"""What crosses the edge on its way to a backend and back, and what is tried again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chalicelib.edge.rules.routing.model import Backend as Terms
from chalicelib.edge.rules.routing.verdicts import Goal
from chalicelib.edge.rules.routing.verdicts import Proxy as Verdict
from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, run, seen, to


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
            one, now = proxy(), [0.0]
            one._breakers._now = lambda: now[0]
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
            now[0] += 1.1
            assert one.breakers("prj_1") == {"api.o0": "half_open"}
            assert [await status() for _ in range(3)] == [500, 503, 503]  # another pause
            assert len(there.asked) == 4
            broken = False
            now[0] += 1.1
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
