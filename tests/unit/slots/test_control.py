"""The control API, the client that calls it, and the settings."""

import asyncio
import json
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from adapters.local.slots.http1 import parse_head
from adapters.local.slots.pool import Pool
from adapters.local.slots.report import Failure
from adapters.local.slots.runner_process import Order
from adapters.local.slots.server import Control, parse_order
from adapters.local.slots.settings import SettingsError, read
from chalicelib.clouds.local.builder import LocalBuilder
from chalicelib.ports import BuildOrder

GOOD = {"build": "bld_1", "token": "tok", "deadline_seconds": 60, "trusted": True}
ENV = {
    "CLOUDDECK_HOME": "/tmp/x",
    "CLOUDDECK_SLOTS_PORT": "8084",
    "CLOUDDECK_API": "http://localhost:8080",
    "CLOUDDECK_S3": "http://localhost:8083/",
    "CLOUDDECK_LOCAL_SECRET": "s",
}


async def run(order: Order, slot: int, stop: asyncio.Event) -> Failure | None:
    await stop.wait()
    return None


async def report(order: Order, failure: Failure, patience: float) -> bool:
    return True


def head(line: str, secret: str = "s"):
    return parse_head(
        f"{line} HTTP/1.1\r\nX-CloudDeck-Secret: {secret}\r\n\r\n".encode(), request=True
    )


@pytest.mark.parametrize(
    "change",
    [
        {"build": ""}, {"build": "a/b"}, {"build": 1}, {"token": "a b"}, {"token": ""},
        {"token": None}, {"deadline_seconds": 0}, {"deadline_seconds": True},
        {"deadline_seconds": 90000}, {"deadline_seconds": "9"}, {"trusted": 1}, {"trusted": None},
    ],
)  # fmt: skip
def test_bad_orders(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        parse_order(json.dumps(GOOD | change).encode())


def test_calls() -> None:
    async def play() -> None:
        pool = Pool(1, run, report)
        control = Control(pool, "s", {"protections": []})
        assert control.answer(head("GET /status", "wrong"), b"")[0] == 401
        assert control.answer(head("GET /nope"), b"")[0] == 404
        assert control.answer(head("PUT /builds"), b"")[0] == 405
        assert control.answer(head("POST /builds/bld_1"), b"")[0] == 405
        assert control.answer(head("POST /builds"), b"{")[0] == 400
        for _ in range(2):
            status, answer = control.answer(head("POST /builds"), json.dumps(GOOD).encode())
            assert (status, answer["state"]) == (202, "running")
        second = json.dumps(GOOD | {"build": "bld_2"}).encode()
        assert control.answer(head("POST /builds"), second)[1]["position"] == 0
        assert control.answer(head("GET /status"), b"")[1]["running"] == 1
        assert control.answer(head("DELETE /builds/bld_2"), b"")[1]["state"] == "gone"
        assert control.answer(head("DELETE /builds/unknown"), b"")[0] == 200
        await pool.close(0.1)
        third = json.dumps(GOOD | {"build": "bld_3"}).encode()
        assert control.answer(head("POST /builds"), third)[0] == 503

    asyncio.run(play())


@pytest.fixture
def port() -> Iterator[int]:
    ready, done, found = Event(), [], []

    async def serve() -> None:
        pool = Pool(1, run, report)
        server = await Control(pool, "s", {}).open(0)
        found.append(server.sockets[0].getsockname()[1])
        stop = asyncio.Event()
        done.append((asyncio.get_running_loop(), stop))
        ready.set()
        await stop.wait()
        server.close()
        await pool.close(0.1)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(5)
    yield found[0]
    loop, stop = done[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(5)


def test_the_builder_port(port: int) -> None:
    builder = LocalBuilder(port, "s")
    order = BuildOrder(build="bld_1", token="t", deadline_seconds=9, trusted=False)
    builder.start(order)
    builder.start(order)
    builder.stop("bld_1")
    builder.stop("never-seen")
    with pytest.raises(RuntimeError, match="401"):
        LocalBuilder(port, "wrong").start(order)


def test_the_builder_port_with_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.clouds.local.builder.PAUSE_SECONDS", 0.001)
    with pytest.raises(OSError, match="does not answer"):
        LocalBuilder(1, "s").stop("bld_1")


def test_settings() -> None:
    settings = read(ENV | {"CLOUDDECK_BUILD_MEMORY_MB": "256", "CLOUDDECK_EGRESS_ALLOW": "A.b, c"})
    assert settings.limits.memory_bytes == 256 << 20
    assert settings.egress_allow == ("a.b", "c")
    assert settings.s3 == "http://localhost:8083"
    assert settings.uid(0) != settings.uid(1) >= 700_000
    assert settings.instance.startswith("clouddeck-")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLOUDDECK_HOME", ""), ("CLOUDDECK_LOCAL_SECRET", ""), ("CLOUDDECK_SLOTS_PORT", "x"),
        ("CLOUDDECK_API", "https://x"), ("CLOUDDECK_S3", "localhost"), ("CLOUDDECK_SLOTS", "0"),
        ("CLOUDDECK_SLOTS", "65"), ("CLOUDDECK_BUILD_CPUS", "nan"),
        ("CLOUDDECK_BUILD_ISOLATION", "maybe"), ("CLOUDDECK_S3_KEYS", "onlyid"),
    ],
)  # fmt: skip
def test_bad_settings_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read(ENV | {name: value})
