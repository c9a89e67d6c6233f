"""Sends the file list, asks which contents the store lacks, and sends those."""

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runner import parallel
from runner.client import Request
from runner.errors import Failure
from runner.output import File
from runner.protocol import Api, Claim, Json

CONNECTIONS = 16
SMALL = 256 * 1024
ROUNDS = 3
DONE = (200, 201, 204, 412)  # 412: somebody stored the same content first
EXPIRED = (400, 401, 403)
AGAIN = "Deploy again; what was uploaded so far is kept."


class Sent(NamedTuple):
    """What had to be uploaded; `size` in bytes."""

    files: int
    size: int


def publish(api: Api, claim: Claim, files: list[File], listing: Path) -> Sent:
    """Make the store hold the list and the content of every file.

    May be repeated: only what is missing is sent. Raises Failure("upload_failed"), or Unreachable.
    """
    put(api, claim.list_url, claim.list_headers, listing, "the file list")
    by_digest = {file.sha256: file for file in files}
    sent: dict[str, int] = {}
    for _ in range(ROUNDS):
        if not _round(api, by_digest, sent):
            return Sent(len(sent), sum(sent.values()))
    raise Failure("upload_failed", "The store refused files again and again.", AGAIN)


def put(api: Api, url: str, headers: dict[str, str], file: Path, what: str) -> None:
    """PUT one file to a presigned URL. Raises Failure("upload_failed") when it is refused."""
    answer = api.client.send(Request("PUT", url, headers, file))
    if answer.status not in DONE:
        raise Failure("upload_failed", f"The store answered {answer.status} to {what}.", AGAIN)


def _round(api: Api, by_digest: dict[str, File], sent: dict[str, int]) -> bool:
    """Upload what is missing; True when a link had run out, so that new ones are needed."""
    expired: list[int] = []

    def one(item: Json) -> None:
        digest = str(item["sha256"])
        file = by_digest.get(digest)
        if file is None:
            raise Failure("upload_failed", f"The API asked for {digest[:80]}, which is not listed.")
        body = Path(file.real)
        data = body if file.size > SMALL else body.read_bytes()
        headers = {str(k): str(v) for k, v in (item.get("headers") or {}).items()}
        answer = api.client.send(Request("PUT", str(item["url"]), headers, data))
        if answer.status in DONE:
            sent[digest] = file.size
        elif answer.status in EXPIRED:
            expired.append(answer.status)
        else:
            message = f"The store answered {answer.status} to {file.path}."
            raise Failure("upload_failed", message, AGAIN)

    pages = _Pages(api)
    try:
        parallel.each(pages, one, min(CONNECTIONS, 4 * (os.cpu_count() or 1) + 4))
    finally:
        pages.stop()
    return bool(expired)


class _Pages:
    """The missing contents, one by one; the next page is asked for while this one is sent."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._pages: queue.Queue[list[Json] | BaseException | None] = queue.Queue(maxsize=2)
        self._stopped = threading.Event()
        first, self._next = self._ask(None)
        self._first = first
        if self._next:
            threading.Thread(target=self._run, name="pages", daemon=True).start()

    def __iter__(self) -> Iterator[Json]:
        yield from self._first
        while self._next:
            page = self._pages.get()
            if page is None:
                return
            if isinstance(page, BaseException):
                raise page
            yield from page

    def stop(self) -> None:
        """Ask for no further pages."""
        self._stopped.set()

    def _ask(self, cursor: str | None) -> tuple[list[Json], str | None]:
        page = self._api.call("missing", {"cursor": cursor})
        return list(page.get("uploads") or []), page.get("next") or None

    def _run(self) -> None:
        cursor = self._next
        try:
            while cursor and not self._stopped.is_set():
                page, cursor = self._ask(cursor)
                self._hand_over(page)
            self._hand_over(None)
        except BaseException as error:  # raised again by the reader
            self._hand_over(error)

    def _hand_over(self, page: "list[Json] | BaseException | None") -> None:
        while not self._stopped.is_set():
            try:
                self._pages.put(page, timeout=0.2)
            except queue.Full:
                continue
            return
