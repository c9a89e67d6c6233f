"""HTTP/2 on the edge: many streams of one connection, each at its own pace."""

import random
import signal
import threading

import h2.errors
import h2.exceptions
import h2.settings
import pytest
from hyperframe import frame

from tests.contract.edge_http2 import CALM, _still_there, edge
from tests.contract.edge_sites import BIG, TEXT, FakeSite
from tests.contract.edge_tls import TlsEdge, Visitor

__all__ = ["_still_there", "edge"]


def test_a_hundred_at_once_on_one_connection(edge):
    with Visitor(edge) as visitor:
        for _ in range(3):
            numbers = {visitor.ask(f"/p/{n}"): n for n in range(100)}
            for number, n in numbers.items():
                assert visitor.wait_for(number).body == f"page {n}".encode()
        assert visitor.limits[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] == 100
        assert visitor.limits[h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE] == 48 * 1024


def test_more_than_a_hundred_at_once_are_refused(edge):
    with Visitor(edge, window=0, lax=True) as visitor:
        visitor.http.remote_settings.max_concurrent_streams  # noqa: B018 - said by the edge
        visitor.listen()
        for _ in range(100):
            visitor.ask("/")
        visitor.http._open_streams = lambda remainder: 0  # a client that does not count
        visitor.ask("/")
        assert visitor.until_the_end() > 0


def test_a_small_answer_is_not_kept_waiting_by_a_large_one(edge):
    with Visitor(edge) as visitor:
        large = visitor.ask("/big.bin")
        while len(visitor.heard[large].body) < 100_000:
            visitor.listen()
        small = visitor.get("/p/1")
        assert small.body == b"page 1"
        assert not visitor.heard[large].ended
        assert visitor.wait_for(large).body == BIG


@pytest.mark.parametrize("window", [30, 1000, 2**31 - 1])
def test_a_window_of_any_size(edge, window):
    with Visitor(edge, window=window) as visitor:
        assert visitor.get("/").body == TEXT


def test_byte_by_byte_is_no_pace(edge):
    """Each byte costs a frame there and one back: more than it is worth."""
    with Visitor(edge, window=1) as visitor:
        assert visitor.get("/big.bin").body != BIG
        assert visitor.ended in {CALM, -1}


def test_a_window_that_opens_late(edge):
    with Visitor(edge, window=0) as visitor:
        one, other = visitor.ask("/"), visitor.ask("/big.bin")
        while not (visitor.heard[one].status and visitor.heard[other].status):
            visitor.listen()
        assert visitor.heard[one].body == b""
        visitor.http.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 20_000})
        visitor.flush()
        assert visitor.wait_for(one).body == TEXT
        assert visitor.wait_for(other).body == BIG


def test_a_connections_window_counts_for_all(edge):
    with Visitor(edge, window=10_000_000) as visitor:
        numbers = [visitor.ask("/big.bin") for _ in range(3)]
        while sum(len(visitor.heard[n].body) for n in numbers) < 65_535:
            visitor.listen(take=False)
        visitor.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            visitor.sock.recv(1)
        visitor.sock.settimeout(20)
        visitor.http.increment_flow_control_window(2**30)
        visitor.flush()
        for number in numbers:
            assert visitor.wait_for(number, take=False).body == BIG


def test_many_visitors_at_once(edge):
    wrong = []

    def visit(seed):
        chance = random.Random(seed)
        with Visitor(edge) as visitor:
            for _ in range(5):
                asked = {visitor.ask(f"/p/{n}"): n for n in chance.sample(range(300), 40)}
                for number, n in asked.items():
                    if visitor.wait_for(number).body != f"page {n}".encode():
                        wrong.append((seed, n))

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


def test_what_is_taken_back_is_not_answered(edge):
    with Visitor(edge) as visitor:
        number = visitor.ask("/big.bin")
        while not visitor.heard[number].body:
            visitor.listen()
        visitor.http.reset_stream(number, h2.errors.ErrorCodes.CANCEL)
        visitor.flush()
        assert visitor.get("/").body == TEXT


def test_stopping_finishes_what_is_under_way(tmp_path):
    site = FakeSite("shop")
    site.publish({"index.html": TEXT, "big.bin": BIG})
    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    edge = TlsEdge(tmp_path)
    with Visitor(edge) as idle, Visitor(edge) as visitor:
        assert idle.get("/").body == TEXT
        number = visitor.ask("/big.bin")
        while len(visitor.heard[number].body) < 100_000:
            visitor.listen()
        edge.process.send_signal(signal.SIGTERM)
        assert idle.until_the_end() == h2.errors.ErrorCodes.NO_ERROR
        # The library hears nothing after a farewell, so the frames are read by hand.
        body = bytearray(visitor.heard[number].body)
        rest, ended = b"", False
        updates = frame.WindowUpdateFrame(0, window_increment=2**30).serialize()
        updates += frame.WindowUpdateFrame(number, window_increment=2**30).serialize()
        visitor.raw(visitor.http.data_to_send() + updates)
        kinds = set()
        while not ended:
            piece = visitor.sock.recv(65_536)
            assert piece, "hung up before the end"
            rest += piece
            while len(rest) >= 9:
                head, length = frame.Frame.parse_frame_header(memoryview(rest[:9]))
                if len(rest) < 9 + length:
                    break
                head.parse_body(memoryview(rest[9 : 9 + length]))
                rest = rest[9 + length :]
                kinds.add(type(head).__name__)
                if isinstance(head, frame.DataFrame):
                    body += head.data
                    ended = "END_STREAM" in head.flags
        assert "GoAwayFrame" in kinds
        assert bytes(body) == BIG
    assert edge.process.wait(15) == 0
