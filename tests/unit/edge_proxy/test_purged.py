"""What was on its way while somebody purged is shown to who waits, and not kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.unit.edge_proxy.backend import CONTEXT, Backend, proxy, reply, request, seen, to


@pytest.mark.parametrize(
    "purge", [{"everything": True}, {"tags": ["products"]}, {"paths": ["/api/*"]}]
)
def test_a_purge_is_not_undone_by_an_answer_on_its_way(purge: Any) -> None:
    async def work() -> None:
        purged = asyncio.Event()
        versions = iter((b"old", b"new"))

        async def say(_: Any) -> bytes:
            body = next(versions)
            if body == b"old":
                await purged.wait()
            said = ("Cache-Control: public, max-age=60", "Cache-Tag: products")
            return reply(body, "200 OK", *said)

        async with Backend(say) as there:
            one = proxy()
            rule = to(there.url())
            first = asyncio.create_task(one.answer(request(), rule, CONTEXT))
            follower = asyncio.create_task(one.answer(request(), rule, CONTEXT))
            while not there.asked:
                await asyncio.sleep(0)
            one.purge(CONTEXT.site, **purge)
            purged.set()
            assert (await seen(await first)).body == b"old", "it asked before"
            assert (await seen(await follower)).body == b"new"
            later = await seen(await one.answer(request(), rule, CONTEXT))
            assert (later.body, later.headers["x-clouddeck-cache"]) == (b"new", "hit")

    asyncio.run(asyncio.wait_for(work(), 20))


def test_a_purge_of_another_site_changes_nothing() -> None:
    async def work() -> None:
        def say(_: Any) -> bytes:
            return reply(b"x", "200 OK", "Cache-Control: public, max-age=60")

        async with Backend(say) as there:
            one = proxy()
            rule = to(there.url())
            asking = asyncio.create_task(one.answer(request(), rule, CONTEXT))
            await asyncio.sleep(0)
            one.purge("prj_of_others", everything=True)
            await seen(await asking)
            later = await seen(await one.answer(request(), rule, CONTEXT))
            assert later.headers["x-clouddeck-cache"] == "hit"

    asyncio.run(asyncio.wait_for(work(), 20))
