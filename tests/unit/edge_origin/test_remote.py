"""Signed requests: kept connections, one retry, a clock that is wrong."""

import socket
import threading
import time

import pytest

from functions.edge.origin.remote import Remote, UnreachableError


def store(backend, **more):
    return Remote(backend.url, "s3", "eu-central-1", **{"read_seconds": 2.0, **more})


def test_a_connection_is_used_again(backend):
    backend.objects["a"] = b"1"
    remote = store(backend)
    assert [remote.ask("GET", "/a", limit=10) for _ in range(5)] == [(200, b"1")] * 5
    assert remote.ask("GET", "/b", limit=100)[0] == 404
    assert backend.connections == 1


def test_a_service_below_a_path(backend):
    backend.objects["sites/a"] = b"1"
    remote = Remote(backend.url + "/sites/", "s3", "eu-central-1", read_seconds=2.0)
    assert remote.ask("GET", "/a", limit=10) == (200, b"1")


def test_threads_share_it(backend):
    backend.objects["a"] = b"1" * 100_000
    remote = store(backend)
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(remote.ask("GET", "/a", limit=10**6)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(200, b"1" * 100_000)] * 8


def test_a_busy_service_is_asked_twice_and_then_given_up(backend):
    backend.failing.add("s3")
    with pytest.raises(UnreachableError, match="503"):
        store(backend).ask("GET", "/a", limit=10)
    assert backend.asked["a"] == 2


def test_nobody_listens():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    remote = Remote(f"http://127.0.0.1:{port}", "s3", "r", read_seconds=1.0)
    with pytest.raises(UnreachableError):
        remote.ask("GET", "/a", limit=10)


def test_silence_is_not_waited_for():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        remote = Remote(f"http://127.0.0.1:{sock.getsockname()[1]}", "s3", "r", read_seconds=0.2)
        began = time.monotonic()
        with pytest.raises(UnreachableError):
            remote.ask("GET", "/a", limit=10)
        assert time.monotonic() - began < 2


def test_a_connection_that_was_closed_meanwhile_costs_one_retry(backend):
    backend.objects["a"] = b"1"
    remote = store(backend)
    remote.ask("GET", "/a", limit=10)
    remote._idle[0].sock.shutdown(socket.SHUT_RDWR)
    assert remote.ask("GET", "/a", limit=10) == (200, b"1")
    assert backend.connections == 2


def test_too_much_is_not_read(backend):
    backend.objects["a"] = b"12345"
    with pytest.raises(UnreachableError, match="larger than 4 bytes"):
        store(backend).ask("GET", "/a", limit=4)


@pytest.mark.parametrize("ahead", [-7200.0, 3600.0])
def test_a_wrong_clock_is_set_by_the_service(backend, ahead):
    backend.objects["a"] = b"1"
    backend.ahead = ahead
    remote = store(backend)
    assert remote.ask("GET", "/a", limit=10) == (200, b"1")
    assert remote.ask("GET", "/a", limit=10) == (200, b"1")
    assert backend.asked["a"] == 3, "set once, then right"


def test_a_refusal_with_a_right_clock_is_final(backend):
    backend.objects["a"] = b"1"
    remote = Remote(backend.url, "dynamodb", "r", read_seconds=1.0)
    assert remote.ask("GET", "/a", limit=100)[0] == 403
    assert backend.asked["a"] == 1
