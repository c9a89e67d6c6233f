"""The matrices can fail: each is shown a hole that was made on purpose."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from adapters.local.edge.pool_addresses import Addresses
from tests.prove import matrix, matrix_config, matrix_forms, matrix_outbound
from tests.prove.matrix_client import Case, Seen, get
from tests.prove.outcome import Outcome

SCENE = matrix.Scene(0, {"shut": "dpl_" + "0" * 26}, frozenset({b"bytes-of-right-only page"}))


def outcome() -> Outcome:
    return Outcome("matrix", matrix.GOAL, 1, "smoke")


def shown(cases: Iterable[Case], status: int, body: bytes, most: int = 3) -> None:
    for _, look in itertools.islice(cases, most):
        look(Seen(status, b"HTTP/1.1 200 OK\r\n\r\n", body))


def test_a_header_that_opens_a_door_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    found = outcome()
    monkeypatch.setattr(matrix, "ask", lambda *_: Seen(401, b"HTTP/1.1 401\r\n\r\n", b"closed"))
    cases = matrix.headers(SCENE, found)
    found.failures.clear()  # of doors that are not there
    shown(cases, 401, b"closed", 0)
    for _, look in cases[:2]:
        look(Seen(401, b"HTTP/1.1 401\r\nDate: now\r\n\r\n", b"closed"))
    assert found.ok
    shown(cases, 200, b"open")
    assert len(found.failures) == 3


@pytest.mark.parametrize("body", [b"bytes-of-right-only", b"bytes-of-left-only"])
def test_bytes_of_another_host_are_seen(body: bytes) -> None:
    found = outcome()
    (raw,), look = next(
        (raws, look)
        for raws, look in matrix.hosts(found)
        if b"Host: left.localhost\r\nHost: right.localhost" in raws[0]
    )
    assert raw.count(b"Host") == 2
    look(Seen(400, b"", b"no"))
    assert found.ok
    look(Seen(200, b"", body))
    assert not found.ok


def test_poison_and_private_bytes_are_seen() -> None:
    poisoned, deceived = outcome(), outcome()
    shown(matrix.poison(poisoned, 1), 200, b"a canary-4711 b")
    shown(matrix.deception(deceived, 1), 200, b"Cookie: session=secret-of-canary-4711")
    assert len(poisoned.failures) == len(deceived.failures) == 3
    clean = outcome()
    shown(matrix.poison(clean, 1), 200, b"clean")
    shown(matrix.deception(clean, 1), 200, b"clean")
    assert clean.ok


@pytest.mark.parametrize(("status", "body"), [(200, b"root:x:0:0"), (500, b""), (0, b"")])
def test_bytes_from_outside_are_seen(status: int, body: bytes) -> None:
    found = outcome()
    shown(matrix.paths(SCENE, found, 3), status, body)
    assert len(found.failures) == 3


def test_a_name_that_is_looked_up_twice_is_seen() -> None:
    class Trusting(Addresses):
        """Checks the first answer and goes where the second one leads."""

        async def of(self, host: str, port: int) -> list[str]:
            await super().of(host, port)
            return await self._look_up(host, port)

    found, fine = outcome(), outcome()
    asyncio.run(matrix_outbound.rebinding(found, Trusting))
    asyncio.run(matrix_outbound.rebinding(fine))
    assert found.failures
    assert fine.ok


def test_a_neighbours_fault_is_seen() -> None:
    found = outcome()
    site = matrix_config.FakeSite("good-0")
    ((_, look),) = matrix_config._visits(found, [site], [], 60)
    look(Seen(200, b"", b"one of good-0"))
    assert found.ok
    look(Seen(502, b"", b"one of good-0"))
    look(Seen(200, b"", b"two"))
    assert len(found.failures) == 2


def test_there_are_as_many_forms_as_it_says() -> None:
    names: Any = matrix_forms.internal_names()
    assert {"x-clouddeck-seen", "x-clouddeck-pin", "x-forwarded-for"} <= set(names)
    assert len(list(matrix_forms.host_requests("left", "right"))) >= 200
    assert len(list(matrix_forms.deceptions())) == 12 * 6 * 10
    assert len(set(matrix_forms.internal_addresses(9))) == 120
    assert len(matrix.POISON_HEADERS) + len(matrix.POISON_PARAMETERS) >= 60
    assert get("/", "a", "B: 1") == b"GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\n\r\n"
