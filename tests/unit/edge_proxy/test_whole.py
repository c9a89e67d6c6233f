"""An answer that is there as a whole is sent as one; what is still coming is passed on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.local.edge.answers import Stream
from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, seen, to

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("said", [reply(b"hello"), CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"])
def test_what_came_with_the_head_is_one_piece_and_leaves_the_connection_free(said: bytes) -> None:
    async def work() -> None:
        async with Backend(lambda _: said) as there:
            one = proxy()
            for _ in range(3):
                answer = await one.answer(request(), to(there.url()), CONTEXT)
                assert answer.body == b"hello"
                assert b"Content-Length: 5\r\n" in answer.head
            assert there.connections == 1

    asyncio.run(asyncio.wait_for(work(), 20))


def test_what_is_still_coming_is_passed_on_while_it_comes() -> None:
    async def work() -> None:
        async def say(_: Any) -> bytes:
            return CHUNKED + b"5\r\nhello\r\n"

        async with Backend(say) as there:
            answer = await proxy().answer(request(), to(there.url()), CONTEXT)
            assert isinstance(answer.body, Stream)
            assert await anext(answer.body.pieces) == b"hello"
            await answer.body.pieces.aclose()

    asyncio.run(asyncio.wait_for(work(), 20))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_without_a_body_is_one(method: str) -> None:
    async def work() -> None:
        async with Backend(lambda _: b"HTTP/1.1 204 No Content\r\n\r\n") as there:
            found = await seen(await proxy().answer(request(method), to(there.url()), CONTEXT))
            assert (found.status, found.body) == (204, b"")

    asyncio.run(asyncio.wait_for(work(), 20))
