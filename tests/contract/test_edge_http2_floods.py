"""HTTP/2 on the edge: no flood of frames, resets or heads wears it out."""

import ssl
import struct
import threading

import h2.errors
import h2.exceptions
import h2.settings
import pytest
from hyperframe import frame

from tests.contract.edge_http2 import CALM, _still_there, edge
from tests.contract.edge_tls import Visitor

__all__ = ["_still_there", "edge"]


def flood(visitor, make, most=200_000):
    """Send until they hang up; the reason they gave.

    How much was sent by then says little: what is on the way fills the buffers of two sockets.
    """
    reasons = []

    def hear():
        reasons.append(visitor.until_the_end())

    listening = threading.Thread(target=hear)
    listening.start()
    sent = 0
    try:
        while listening.is_alive() and sent < most:
            batch = b"".join(make(sent + n) for n in range(200))
            visitor.raw(batch)
            sent += 200
    except (OSError, ssl.SSLError):
        pass
    listening.join(20)
    assert reasons, "they bear anything"
    return reasons[0]


def headers_of(visitor, number):
    block = visitor.http.encoder.encode(visitor.fields("/big.bin"))
    return frame.HeadersFrame(number, data=block, flags=["END_HEADERS", "END_STREAM"]).serialize()


FLOODS = {
    "pings": lambda v, n: frame.PingFrame(0, opaque_data=struct.pack(">Q", n)).serialize(),
    "settings": lambda v, n: frame.SettingsFrame(0, settings={4: 65_535 + n % 7}).serialize(),
    "empty settings": lambda v, n: frame.SettingsFrame(0).serialize(),
    "priorities": lambda v, n: frame.PriorityFrame(
        n % 999 * 2 + 5, stream_weight=n % 256
    ).serialize(),
    "windows": lambda v, n: frame.WindowUpdateFrame(0, window_increment=1).serialize(),
    "unknown frames": lambda v, n: b"\0\0\1\xee\0\0\0\0\0x",
}


@pytest.mark.parametrize("what", FLOODS)
def test_floods_of_frames(edge, what):
    with Visitor(edge) as visitor:
        visitor.get("/")
        why = flood(visitor, lambda n: FLOODS[what](visitor, n))
        assert why in {CALM, -1}


def test_rapid_reset(edge):
    """Requests taken back as soon as they are made (CVE-2023-44487)."""

    def make(n):
        number = 3 + 2 * n
        return headers_of(visitor, number) + frame.RstStreamFrame(number, error_code=8).serialize()

    with Visitor(edge) as visitor:
        visitor.get("/")
        why = flood(visitor, make)
        assert why in {CALM, -1}
    assert edge.health()["status"] == "ok"


def test_a_browser_that_leaves_a_page_is_no_flood(edge):
    with Visitor(edge) as visitor:
        for _ in range(2):
            numbers = [visitor.ask("/big.bin") for _ in range(60)]
            for number in numbers:
                visitor.http.reset_stream(number, h2.errors.ErrorCodes.CANCEL)
            visitor.flush()
        assert visitor.get("/").status == 200


def test_resets_that_the_edge_is_made_to_do(edge):
    """Errors on streams, so that the other side does the resetting (CVE-2025-8671)."""

    def make(n):
        number = 3 + 2 * n
        update = frame.WindowUpdateFrame(number, window_increment=1).serialize()
        return headers_of(visitor, number) + update[:9] + b"\0\0\0\0"

    with Visitor(edge) as visitor:
        visitor.get("/")
        why = flood(visitor, make)
        assert why != h2.errors.ErrorCodes.NO_ERROR


def test_empty_data(edge):
    with Visitor(edge) as visitor:
        number = visitor.begin(visitor.fields("/", "POST"), end=False)
        empty = frame.DataFrame(number, data=b"").serialize()
        why = flood(visitor, lambda n: empty)
        assert why in {CALM, -1}


def test_continuations_without_end(edge):
    with Visitor(edge) as visitor:
        visitor.get("/")
        visitor.raw(frame.HeadersFrame(3, data=b"\x82", flags=["END_STREAM"]).serialize())
        why = flood(visitor, lambda n: frame.ContinuationFrame(3, data=b"").serialize())
        assert why != h2.errors.ErrorCodes.NO_ERROR


def test_a_head_that_is_too_large(edge):
    with Visitor(edge, lax=True) as visitor:
        visitor.get("/")
        more = [(f"x-{n}", "y" * 1000) for n in range(60)]
        visitor.begin([*visitor.fields("/"), *more], end=True)
        assert visitor.until_the_end() in {CALM, -1}


def test_a_small_block_that_means_a_large_head(edge):
    """A value that is kept in the table once and named thousands of times."""
    with Visitor(edge) as visitor:
        visitor.get("/")
        block = bytearray(visitor.http.encoder.encode(visitor.fields("/")))
        block += visitor.http.encoder.encode([("x", "y" * 3000)])
        block += b"\xbe" * 10_000
        flags = ["END_HEADERS", "END_STREAM"]
        visitor.raw(frame.HeadersFrame(3, data=bytes(block), flags=flags).serialize())
        assert visitor.until_the_end() != 0


def test_many_small_fields_are_bounded_too(edge):
    with Visitor(edge, lax=True) as visitor:
        visitor.get("/")
        visitor.begin([*visitor.fields("/"), *[("x", "")] * 2000], end=True)
        assert visitor.until_the_end() in {CALM, -1}
