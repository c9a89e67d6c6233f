"""release, diff, lock, unlock, unpin, approve of a deployment, rollback without an API."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from cli.commands import without_api
from cli.commands.release import difference
from tests.unit.cli import fake_api
from tests.unit.cli.fake_api import dpl

EMPTY: dict[str, Any] = {"added": [], "removed": [], "changed": []}
ABOUT = {"commit": "a" * 40, "branch": "main", "message": "Hello\x1b[2J"}
SAME: dict[str, Any] = {
    "first": {"id": dpl(1), **ABOUT},
    "second": {"id": dpl(2), **ABOUT},
    "same": True,
    "known": True,
    "files": {**EMPTY, "counts": {"added": 0, "removed": 0, "changed": 0}, "bytes": 0},
    "rules": {"same": True, "added": [], "removed": [], "reordered": False},
    "variables": EMPTY,
    "schedules": EMPTY,
    "settings": EMPTY,
}


@pytest.fixture
def told(signed_in, monkeypatch):
    """What the API was told."""
    wishes: list[tuple[str, object]] = []

    def answer(body):
        def said(handler, *path):
            wishes.append((handler.path.partition("/v1")[2], handler.body))
            return (204, None) if body is None else (200, body)

        return said

    moved = {"url": "http://site.localhost:8081", "deployment": dpl(1), "pinned": False}
    routes = [
        ("PUT", f"{fake_api.P}/lock", True, answer({"by": "u", "at": "", "reason": "sale"})),
        ("DELETE", f"{fake_api.P}/lock", True, answer(None)),
        ("POST", f"{fake_api.P}/unpin", True, answer(moved)),
        ("GET", r"/v1/deployments/([^/]+)/diff/([^/]+)", False, answer(SAME)),
        ("GET", f"{fake_api.P}/pointer", False, answer({**moved, "deployment": dpl(2)})),
        ("POST", r"/v1/deployments/([^/]+)/approve", True, answer({"missing": 1, "items": []})),
    ]
    monkeypatch.setattr(fake_api, "ROUTES", [*routes, *fake_api.ROUTES])
    return wishes


def test_locks_and_pins(deck, linked, told):
    assert "deck unlock" in deck("lock", "sale").stdout
    assert deck("unlock", "--json").json == {}
    assert dpl(1) in deck("unpin").stdout
    assert [path.rsplit("/", 1)[1] for path, _ in told] == ["lock", "lock", "unpin"]
    assert told[0][1] == {"reason": "sale"}


def test_a_diff_with_what_is_live(deck, linked, told):
    text = deck("diff", dpl(1)).stdout
    assert "Nothing differs." in text
    assert "\x1b" not in text
    assert told[-1][0] == f"/deployments/{dpl(1)}/diff/{dpl(2)}"


def test_who_moved_production_and_why(deck, linked, told, monkeypatch):
    move = {"generation": 2, "deployment": dpl(2), "moved_by": "usr_ada"}
    why = {"moved_at": "2026-01-02T03:04:05.000Z", "reason": "the basket\x1b[2J was broken"}
    body = {"deployment": dpl(2), "history": [{**move, **why}]}
    monkeypatch.setattr(
        fake_api,
        "ROUTES",
        [("GET", f"{fake_api.P}/pointer", False, lambda *_: (200, body)), *fake_api.ROUTES],
    )
    text = deck("history").stdout
    assert dpl(2) in text
    assert "usr_ada" in text
    assert "was broken" in text
    assert "\x1b" not in text
    assert deck("history", "--json").json == body


def test_the_lines_of_a_diff():
    rule = {"kind": "rule", "source": "_redirects", "pattern": "/a", "to": "/c", "status": 301}
    changed = {"path": "b\x1b[2J.js", "before": 1, "after": 2}
    schedule = {"name": "nightly", "cron": "0 3 * * *", "timezone": "UTC"}
    found = {
        **SAME,
        "same": False,
        "known": False,
        "files": {**EMPTY, "changed": [changed], "counts": {"changed": 1}, "bytes": 1},
        "rules": {"same": False, "added": [rule], "removed": [], "reordered": False},
        "variables": {**EMPTY, "changed": ["TOKEN"]},
        "schedules": {**EMPTY, "removed": [schedule]},
    }
    lines = difference(found)
    assert lines[2] == "files: 1 changed (+1 bytes)"
    assert "  ~ b.js (1 -> 2)" in lines
    assert "  + rule /a /c 301" in lines
    assert lines[lines.index("variables:") + 1] == "  ~ TOKEN"
    assert "  - nightly 0 3 * * * UTC" in lines
    assert "too old" in lines[-1]
    many = [{**changed, "path": f"{n}.js"} for n in range(60)]
    long = difference({**found, "files": {**found["files"], "changed": many}})
    assert "  ... and 10 more (--json)" in long


def test_approving_a_deployment_asks_first(deck, linked, signed_in, told):
    signed_in.add_deployment(commit="c" * 40, created_by="usr_eve")
    result = deck("approve", dpl(1), "--yes")
    assert told == [(f"/deployments/{dpl(1)}/approve", {"commit": "c" * 40})]
    assert "1 more missing" in result.stdout
    deck("approve", dpl(1), "--commit", "d" * 40)
    assert told[-1][1] == {"commit": "d" * 40}


def test_what_waits_is_shown_with_its_reason(deck, linked, signed_in):
    held = {"because": "frozen", "detail": "launch day", "until": "2026-01-01T00:00:00.000Z"}
    signed_in.add_deployment(held=held)
    assert deck("list").stdout.splitlines()[0].split("\t")[1] == "ready (frozen)"
    assert "frozen: launch day, until 2026-01-01" in deck("inspect").stdout


def test_a_rollback_without_an_api_runs_the_checkouts_own(deck, linked, monkeypatch):
    ran: list[list[str]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        ran.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(without_api, "subprocess", SimpleNamespace(run=run))
    deck("rollback", "--cloud", "aws", "--prefix", "shop", "--reason", "-down", "--site", "blog")
    (command,) = ran
    assert command[1:4] == ["-m", "adapters.emergency", "rollback"]
    assert {"--cloud=aws", "--prefix=shop", "--reason=-down"} <= set(command)
    assert command[-2:] == ["--", "blog"]
    assert "gcp" in deck("rollback", "--cloud", "gcp", code=2).stderr
    assert subprocess.run is not run
