"""One effect per key, whatever happens to the first request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from chalicelib.core import clock, idempotency
from chalicelib.core.errors import Conflict, Invalid

KEY = "0123456789abcdef"
OK = (201, {"id": 1}, {"ETag": '"1"'})


def test_runs_once(database):
    runs = []

    def work():
        runs.append(1)
        return OK

    first = idempotency.once("usr", KEY, "f", work)
    again = idempotency.once("usr", KEY, "f", work)
    assert (first, len(runs)) == (OK, 1)
    assert again == (201, {"id": 1}, {"ETag": '"1"', "Idempotency-Replayed": "true"})


def test_actors_do_not_share_keys(database):
    idempotency.once("a", KEY, "f", lambda: OK)
    assert idempotency.once("b", KEY, "g", lambda: (200, None, {}))[0] == 200


def test_parallel_requests_run_once(database):
    started, go = Event(), Event()
    runs = []

    def work():
        runs.append(1)
        started.set()
        go.wait(5)
        return OK

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(idempotency.once, "usr", KEY, "f", work)
        started.wait(5)
        with pytest.raises(Conflict) as found:
            idempotency.once("usr", KEY, "f", work)
        assert found.value.code == "idempotency_in_progress"
        with pytest.raises(Invalid):
            idempotency.once("usr", KEY, "other", work)
        go.set()
        assert first.result() == OK
    assert len(runs) == 1


def test_a_failure_frees_the_key(database):
    def fails():
        raise Conflict("x", "y")

    with pytest.raises(Conflict):
        idempotency.once("usr", KEY, "f", fails)
    assert idempotency.once("usr", KEY, "g", lambda: OK) == OK


def test_a_process_that_died_frees_the_key_later(database, monkeypatch):
    class Killed(BaseException):
        pass

    monkeypatch.setattr(idempotency, "_release", lambda _: None)

    def dies():
        raise Killed

    with pytest.raises(Killed):
        idempotency.once("usr", KEY, "f", dies)
    with pytest.raises(Conflict):
        idempotency.once("usr", KEY, "f", lambda: OK)
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 61)
    assert idempotency.once("usr", KEY, "f", lambda: OK) == OK


def test_a_day_later_it_is_a_new_request(database, monkeypatch):
    idempotency.once("usr", KEY, "f", lambda: OK)
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 24 * 3600 + 1)
    assert idempotency.once("usr", KEY, "g", lambda: (200, 2, {})) == (200, 2, {})


def test_the_answer_is_not_readable_in_the_table(database):
    idempotency.once("usr", KEY, "f", lambda: (201, {"secret": "hush-hush"}, {}))
    dump = repr(database.scan(TableName="test-core")["Items"])
    assert "hush" not in dump
    assert KEY not in dump


def test_fingerprint_ignores_order():
    assert idempotency.fingerprint({"a": 1, "b": 2}) == idempotency.fingerprint({"b": 2, "a": 1})
    assert idempotency.fingerprint({"a": 1}) != idempotency.fingerprint({"a": 2})


def test_a_copy_of_the_row_does_not_tell_what_was_asked(database):
    asked = idempotency.fingerprint("POST /v1/auth/step-up", {"password": "correct horse"})
    idempotency.once("usr", KEY, asked, lambda: OK)
    idempotency.once("usr", KEY[::-1], asked, lambda: OK)
    rows = database.scan(TableName="test-core")["Items"]
    kept = {row["fingerprint"]["S"] for row in rows}
    assert len(kept) == 2  # the same request under two keys
    assert asked not in kept
