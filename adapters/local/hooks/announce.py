"""Tells CloudDeck which branches a push moved, and the person what happens now.

Started by git after every push (`post-receive`). Standard library only and without `site`, so
that it is there in 20 ms. The message is signed and carries one random delivery id: sending it
again after a lost answer does no harm.
"""

# ruff: noqa: PTH105, PTH118, PTH123 - pathlib costs 5 ms to import

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import sys
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

ATTEMPTS = (0.0, 0.2, 0.6, 1.4, 2.8)
"""Seconds to wait before each attempt; about 5 s in all."""

TRIM_ABOVE = 1000
ZERO = "0" * 40


def main() -> None:
    """Read the updates from git, send them, say what came of it."""
    folder = os.path.join(os.environ.get("GIT_DIR", "."), "clouddeck")
    updates = read_updates(sys.stdin.read(), folder)
    if not updates:
        return
    body = json.dumps(
        {
            "project": os.environ["CLOUDDECK_PROJECT"],
            "updates": updates,
            "pusher": os.environ.get("CLOUDDECK_PUSHER", ""),
            "delivery": secrets.token_hex(16),
        }
    ).encode()
    say(updates, deliver(os.environ["CLOUDDECK_API"], body, os.environ["CLOUDDECK_LOCAL_SECRET"]))
    trim(folder)


def read_updates(text: str, folder: str) -> list[dict[str, object]]:
    """The branches and tags that moved, each with the moment at which git held its lock."""
    noted = {tuple(line[1:]): int(line[0]) for line in _lines(os.path.join(folder, "pushes"))}
    updates: list[dict[str, object]] = []
    for line in text.splitlines():
        old, new, ref = line.split(" ", 2)
        if ref.startswith(("refs/heads/", "refs/tags/")):
            sequence = noted.get((old, new, ref), time.time_ns())
            updates.append({"ref": ref, "old": old, "new": new, "sequence": sequence})
    return updates


def _lines(path: str) -> list[list[str]]:
    try:
        with open(path, encoding="utf-8") as file:
            return [parts for line in file if len(parts := line.rstrip("\n").split(" ", 3)) == 4]
    except FileNotFoundError:
        return []


def deliver(api: str, body: bytes, secret: str) -> dict[str, object] | None:
    """The API's answer; None when it could not be reached in time."""
    address = urlsplit(api)
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-CloudDeck-Signature": signature}
    for pause in ATTEMPTS:
        time.sleep(pause)
        connection = HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=5)
        try:
            connection.request("POST", "/v1/hooks/git", body, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"{}")
            if answer.status < 300:
                return dict(content)
            if answer.status < 500 and answer.status != 429:
                return {"refused": content.get("detail") or f"status {answer.status}"}
        except (OSError, HTTPException, ValueError):
            continue
        finally:
            connection.close()
    return None


def say(updates: list[dict[str, object]], answer: dict[str, object] | None) -> None:
    """A few lines for the person who pushed."""
    if answer is None:
        print("CloudDeck  your push is safe; it will be built as soon as the API is back")
        return
    if "refused" in answer:
        print(f"CloudDeck  your push is safe, but nothing is built: {answer['refused']}")
        return
    commits = {update["ref"]: str(update["new"]) for update in updates}
    deployments = answer.get("deployments")
    for one in deployments if isinstance(deployments, list) else []:
        branch = str(one["ref"]).removeprefix("refs/heads/")
        print(f"CloudDeck  building {branch} @ {commits.get(one['ref'], '')[:7]}")
        print(f"           {one['url']}")


def trim(folder: str) -> None:
    """Keep the list of moves short: set it aside, and keep the last move of each ref of before.

    Renaming loses no line: git appends to the file it opened, wherever its name went.
    """
    pushes, aside, last = (os.path.join(folder, name) for name in ("pushes", "pushes.1", "last"))
    if len(_lines(pushes)) <= TRIM_ABOVE:
        return
    with open(os.path.join(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if len(_lines(pushes)) <= TRIM_ABOVE:
            return
        newest = {parts[3]: " ".join(parts) for parts in [*_lines(last), *_lines(aside)]}
        with open(last + ".tmp", "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in newest.values())
        os.replace(last + ".tmp", last)
        os.replace(pushes, aside)


if __name__ == "__main__":
    main()
