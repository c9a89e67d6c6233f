"""Getting the bytes of a deployment to the store: only those it lacks."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

from cli.api import Api, Json, segment
from cli.errors import DeckError, Failed, NetworkError, UserError
from cli.parallel import each
from cli.text import number, size
from cli.transport import CONNECTIONS, Body
from cli.tree import Entry

IN_MEMORY = 1 << 20  # files up to this size are read at once, larger ones are streamed
PUT_ROUNDS = 2  # the second asks for fresh addresses, for those that ran out meanwhile

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Hashed:
    """A file and the digest of its content."""

    entry: Entry
    sha256: str


@dataclass(frozen=True)
class Sent:
    """What an upload came to."""

    id: str
    files: int
    bytes: int
    sent_files: int
    sent_bytes: int

    def sentence(self) -> str:
        """Uploaded 3 of 2,000 files (12 KB), 1,997 already there."""
        there = self.files - self.sent_files
        return (
            f"uploaded {number(self.sent_files)} of {number(self.files)} files"
            f" ({size(self.sent_bytes)}), {number(there)} already there"
        )

    def body(self) -> Json:
        """The machine-readable form."""
        return {**vars(self), "present_files": self.files - self.sent_files}


def hashed(entries: list[Entry], progress: Progress) -> list[Hashed]:
    """Every file with its digest, in the order given.

    Small files one after the other: for them, handing work to threads costs more than hashing.
    """
    found: dict[str, Hashed] = {}
    large = [entry for entry in entries if entry.size > IN_MEMORY]
    small = (_hash_small(entry) for entry in entries if entry.size <= IN_MEMORY)
    for one in chain(small, each(large, _hash_large, min(4, os.cpu_count() or 2))):
        found[one.entry.path] = one
        if len(found) % 256 == 0:
            progress(len(found), len(entries))
    return [found[entry.path] for entry in entries]


def _hash_small(entry: Entry) -> Hashed:
    file = os.open(entry.file, os.O_RDONLY)
    try:
        data = os.read(file, IN_MEMORY + 1)
    finally:
        os.close(file)
    if len(data) > IN_MEMORY:  # it has grown since it was listed
        return _hash_large(entry)
    return Hashed(_sized(entry, len(data)), hashlib.sha256(data).hexdigest())


def _hash_large(entry: Entry) -> Hashed:
    with Path(entry.file).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return Hashed(_sized(entry, file.tell()), digest.hexdigest())


def _sized(entry: Entry, length: int) -> Entry:
    return entry if length == entry.size else Entry(entry.path, entry.file, length, entry.mode)


def file_list(files: list[Hashed]) -> bytes:
    """The document that says which content stands at which path."""
    lines = [
        {"path": f.entry.path, "sha256": f.sha256, "size": f.entry.size, "mode": f.entry.mode}
        for f in sorted(files, key=lambda f: f.entry.path)
    ]
    document = {"version": 1, "files": lines}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def send(api: Api, project: str, kind: str, files: list[Hashed], progress: Progress) -> Sent:
    """Announce the files, then upload what the store does not have."""
    total = sum(f.entry.size for f in files)
    upload = api.post(
        f"/projects/{segment(project)}/uploads",
        {"kind": kind, "files": len(files), "bytes": total},
    )
    _put(api, upload["list_url"], upload["list_headers"], file_list(files), "the list of files")
    by_digest = {f.sha256: f for f in files}
    sent: set[str] = set()
    for _ in range(PUT_ROUNDS):
        expired = _send_missing(api, upload["id"], by_digest, sent, progress)
        if not expired:
            break
    else:
        raise Failed("upload_refused", "The store refuses the upload", "Run the command again.")
    return Sent(
        id=upload["id"],
        files=len(files),
        bytes=total,
        sent_files=sum(f.sha256 in sent for f in files),
        sent_bytes=sum(by_digest[sha].entry.size for sha in sent),
    )


def _send_missing(
    api: Api, upload: str, files: dict[str, Hashed], sent: set[str], progress: Progress
) -> bool:
    """Put every missing blob; true when some addresses were no longer good."""
    totals = {"missing": 0}
    expired = False
    for sha, accepted in each(
        _missing(api, upload, totals), partial(_blob, api, files), CONNECTIONS
    ):
        if not accepted:
            expired = True
            continue
        sent.add(sha)
        progress(len(sent), max(totals["missing"], len(sent)))
    return expired


def _missing(api: Api, upload: str, totals: dict[str, int]) -> Iterator[Json]:
    cursor: str | None = None
    while True:
        body = {"cursor": cursor} if cursor else {}
        page = api.post(f"/uploads/{segment(upload)}/missing", body)
        totals["missing"] = int(page["missing"])
        yield from page["uploads"]
        cursor = page.get("next")
        if not cursor:
            return


def _blob(api: Api, files: dict[str, Hashed], wanted: Json) -> tuple[str, bool]:
    sha = str(wanted["sha256"])
    file = files.get(sha)
    if file is None:
        raise Failed("unknown_blob", f"The API asks for content that is not here: {sha}")
    body: Body
    if file.entry.size <= IN_MEMORY:
        body = Path(file.entry.file).read_bytes()
        if hashlib.sha256(body).hexdigest() != sha:
            raise _changed(file.entry.path)
    else:
        body = partial(_open, file.entry.file)
    headers = {**wanted["headers"], "Content-Length": str(file.entry.size)}
    return sha, _put(api, wanted["url"], headers, body, file.entry.path)


def _open(file: str) -> IO[bytes]:
    return Path(file).open("rb")


def _put(api: Api, url: str, headers: dict[str, str], body: Body, what: str) -> bool:
    """Store one object; false when the address is no longer good. 412: it is already there."""
    try:
        answer = api.transport.send("PUT", url, headers=headers, body=body)
    except NetworkError as error:
        raise NetworkError(error.code, f"{what}: {error.message}", error.hint) from error
    if answer.status < 300 or answer.status == 412:
        return True
    if answer.status == 403:
        return False
    raise _refused(what, answer.status, answer.body)


def _refused(what: str, status: int, body: bytes) -> DeckError:
    said = body[:2000].decode("utf-8", "replace")
    if status == 400 and ("Digest" in said or "checksum" in said.lower()):
        return _changed(what)
    return Failed("upload_failed", f"The store refused {what} ({status})", "Try again.")


def _changed(path: str) -> UserError:
    return UserError(
        "changed_during_upload",
        f"{path} changed while it was being uploaded",
        "Stop what writes to it (a watcher, a build) and run the command again.",
    )
