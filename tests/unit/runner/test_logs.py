import threading
import time

import pytest

from runner import logs
from runner.client import Client
from runner.errors import ApiError, BuildClosed
from runner.logs import Log
from runner.mask import Mask


class SlowApi:
    """Takes log batches, slowly if told so."""

    def __init__(self, delay=0.0):
        self.client = Client()
        self.delay = delay
        self.batches = []
        self.fault = None

    def call(self, name, body, patience=60):
        time.sleep(self.delay)
        if self.fault:
            fault, self.fault = self.fault, None
            raise fault
        self.batches.append((body["first"], [line["text"] for line in body["lines"]]))
        return {}

    def texts(self):
        return [text for _, texts in self.batches for text in texts]


def test_batches_are_small_numbered_and_in_order():
    api = SlowApi()
    log = Log(api, Mask([]))
    for i in range(1000):
        log.info(str(i))
    assert log.flush(5)
    assert api.texts() == [str(i) for i in range(1000)]
    assert max(len(texts) for _, texts in api.batches) <= logs.LINES
    assert [first - 1 for first, _ in api.batches] == [int(texts[0]) for _, texts in api.batches]
    log.close()


def test_a_batch_stays_below_its_size():
    api = SlowApi()
    log = Log(api, Mask([]))
    log.write(["x" * 16_000] * 100, "info")
    assert log.flush(5)
    assert max(sum(map(len, texts)) for _, texts in api.batches) <= logs.BYTES


def until(true, seconds=10):
    """Wait for it; the wait itself is short when nothing else runs."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.01)


def test_a_single_line_is_sent_within_the_wait():
    api = SlowApi()
    log = Log(api, Mask([]))
    log.info("x")
    until(lambda: api.texts() == ["x"])  # and nobody asked for it
    log.close()


def test_silence_sends_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(logs, "HEARTBEAT", 0.05)
    api = SlowApi()
    log = Log(api, Mask([]))
    until(lambda: len([b for b in api.batches if not b[1]]) >= 2)
    log.close()


def test_a_slow_api_costs_lines_and_says_so_but_never_the_build(monkeypatch):
    monkeypatch.setattr(logs, "BACKLOG", 400)
    monkeypatch.setattr(logs, "LONGEST_HOLD", 0.05)
    api = SlowApi(delay=0.1)
    log = Log(api, Mask([]))
    began = time.monotonic()
    for _ in range(20):
        log.write(["x"] * 200, "info")
    assert time.monotonic() - began < 3
    assert log.flush(10)
    assert any("Lines missing here" in text for text in api.texts())
    log.close()


def test_a_refused_batch_is_mentioned():
    api = SlowApi()
    api.fault = ApiError(413, "too_large", "no")
    log = Log(api, Mask([]))
    log.info("gone")
    assert log.flush(5)
    log.info("here")
    assert log.flush(5)
    assert "here" in api.texts()
    assert any(text.endswith("in time: 1") for text in api.texts())
    log.close()


def test_a_closed_build_stops_everything():
    api = SlowApi()
    log = Log(api, Mask([]))
    api.fault = BuildClosed()
    api.client.closed.set()
    log.info("x")
    assert log.flush(2)
    assert log.closed
    assert api.batches == []


def test_secrets_and_cuts():
    api = SlowApi()
    log = Log(api, Mask(["hunter2hunter2"]))
    log.info("pw hunter2hunter2")
    log.info("y" * (logs.LONGEST - 5) + "hunter2hunter2" + "z" * 100)
    log.info("n\0ul")
    assert log.flush(5)
    first, second, third = api.texts()
    assert first == "pw •••"
    assert second.endswith("y•••" + logs.CUT)
    assert third == "nul"


@pytest.fixture(autouse=True)
def _no_threads_pile_up():
    yield
    assert threading.active_count() < 60


def test_long_lines_count_towards_the_backlog(monkeypatch):
    monkeypatch.setattr(logs, "LONGEST_HOLD", 0.01)
    api = SlowApi(delay=30)
    log = Log(api, Mask([]))
    for _ in range(40):
        log.write(["x" * 16_000] * 100, "info")
    assert log._held < 2 * logs.BACKLOG_BYTES
    assert len(log._queue) < 1200
