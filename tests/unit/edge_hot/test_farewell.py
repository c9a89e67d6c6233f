"""A visitor of HTTP/2 who asks and says farewell in one breath."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import h2.connection
import pytest

from adapters.local.edge import http2
from adapters.local.edge.server import EdgeServer
from adapters.local.edge.serving import Request
from adapters.local.edge.settings import EdgeSettings
from tests.contract.edge_sites import FakeSite


class Wire:
    """The edge's end of a connection: what was written, and whether it was closed."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str) -> Any:
        return None

    def set_write_buffer_limits(self, **_limits: int) -> None:
        return None


async def farewell(home: Path) -> Wire:
    site = FakeSite("shop")
    site.publish({"index.html": b"home"})
    site.fill_cache(home)
    site.write_route(home)
    server = EdgeServer(EdgeSettings(home), store=object())  # type: ignore[arg-type]
    await server.reload()
    await server.serving.answer(Request(b"GET", b"/", b"", b"shop.localhost", {}, secure=True))
    assert server.serving.hot(b"shop.localhost", b"/", {}, b"", True) is not None
    wire = Wire()
    connection = http2.Http2Connection(server)
    connection.connection_made(wire)  # type: ignore[arg-type]
    visitor = h2.connection.H2Connection()
    visitor.initiate_connection()
    asked = [(":method", "GET"), (":scheme", "https"), (":path", "/")]
    visitor.send_headers(1, [*asked, (":authority", "shop.localhost")], end_stream=True)
    visitor.close_connection()
    connection.data_received(visitor.data_to_send())
    connection.connection_lost(None)
    await server.stop()
    return wire


def test_they_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http2, "agrees", lambda *_: True)  # there was no handshake
    assert asyncio.run(farewell(tmp_path)).closed
