"""The rows of `deck doctor` that this side can answer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli import __version__, present
from cli.context import Deck
from cli.errors import DeckError

OLDEST_NODE = 18


@dataclass(frozen=True)
class Row:
    """One check: ok, warn or fail, and what to do when it is not ok."""

    name: str
    state: str
    detail: str
    hint: str = ""


def all_rows(deck: Deck) -> Iterator[Row]:
    """Every check, in the order in which one depends on the other."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Row("deck", "ok", f"{__version__} on Python {python}")
    yield from _guarded("profile", _profile, deck)
    yield from _guarded("api", _api, deck)
    yield from _guarded("signed in", _signed_in, deck)
    yield from _guarded("project", _project, deck)
    yield _program("git", "needed to push; `deck deploy` works without it")
    yield _node()


def _guarded(name: str, check: Any, deck: Deck) -> Iterator[Row]:
    try:
        yield check(deck)
    except DeckError as error:
        yield Row(name, "fail", error.message, error.hint)


def _profile(deck: Deck) -> Row:
    path = deck.profile.path
    deck.profile.last_api()
    if not path.exists():
        return Row("profile", "ok", f"{path} (not there yet)")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return Row("profile", "warn", f"others can read {path}", f"chmod 600 {path}")
    return Row("profile", "ok", str(path))


def _api(deck: Deck) -> Row:
    start = time.perf_counter()
    meta = deck.api.meta()
    took = (time.perf_counter() - start) * 1000
    theirs = str(meta.get("version", "?"))
    detail = f"{deck.api.url} answers in {took:.0f} ms, version {theirs}"
    if theirs.split(".")[:2] != __version__.split(".")[:2]:
        hint = f"Update the older one: this is deck {__version__}."
        return Row("api", "warn", detail, hint)
    return Row("api", "ok", detail)


def _signed_in(deck: Deck) -> Row:
    me = deck.api.get("/me")
    how = " with CLOUDDECK_TOKEN" if deck.api.credentials.from_environment else ""
    return Row("signed in", "ok", f"{present.caller(me)}{how}")


def _project(deck: Deck) -> Row:
    linked = deck.linked
    if linked is None:
        return Row("project", "warn", f"{deck.here} is not linked", "deck init, or deck link")
    found = deck.api.get(f"/projects/{linked.project}")
    return Row("project", "ok", f"{found['slug']} in {linked.folder}")


def _program(name: str, why: str) -> Row:
    version = _version(name)
    if version is None:
        return Row(name, "warn", "not found", f"Install {name}: {why}.")
    return Row(name, "ok", version)


def _node() -> Row:
    row = _program("node", "local builds of most frameworks use it")
    number = re.search(r"v(\d+)", row.detail)
    if row.state == "ok" and number and int(number.group(1)) < OLDEST_NODE:
        return Row("node", "warn", row.detail, f"Install Node.js {OLDEST_NODE} or newer.")
    return row


def _version(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def foreign_rows(document: Any) -> list[Row]:
    """The rows of another doctor: a list of checks, bare or as the one list in an object."""
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        document = lists[0] if lists else []
    rows = []
    for item in document:
        state = str(item.get("state") or item.get("status") or "")
        if "ok" in item:
            state = "ok" if item["ok"] else "fail" if item.get("needed", True) else "warn"
        rows.append(
            Row(
                name=str(item.get("name") or item.get("check") or "?"),
                state=state if state in ("ok", "warn", "fail") else "warn",
                detail=str(item.get("detail") or item.get("message") or state),
                hint="" if state == "ok" else str(item.get("hint") or item.get("fix") or ""),
            )
        )
    return rows
