"""Brings the source tree into the workspace."""

import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from runner import parallel
from runner.client import Client, Request
from runner.errors import Failure
from runner.protocol import Api, Json
from runner.tar import Readable
from runner.unpack import Caps, Folder, TarError, Unpacked, UnpackError, split, unpack

CAPS = Caps(entries=250_000, size=4 * 1024**3)
CONNECTIONS = 16
BROKEN_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)


def fetch(api: Api, source: Json, into: Path, scratch: Path) -> Unpacked:
    """Fill the empty folder `into`. Raises Failure("source_failed") for what cannot be used."""
    kind = source.get("kind")
    try:
        if kind == "archive":
            return _archive(api.client, str(source.get("url")), into, scratch / "source.tar.gz")
        if kind == "files":
            return _files(api, into)
    except (UnpackError, TarError, *BROKEN_GZIP) as error:
        raise Failure(
            "source_failed",
            f"The source was refused: {error}.",
            "Remove it from the repository, then push again.",
        ) from error
    raise Failure("source_failed", f"This agent cannot fetch a source of kind {kind!r}.")


def _archive(client: Client, url: str, into: Path, file: Path) -> Unpacked:
    download(client, url, file)
    try:
        with gzip.open(file, "rb") as stream:
            return unpack(cast(Readable, stream), into, CAPS)
    finally:
        file.unlink()


def download(client: Client, url: str, file: Path) -> None:
    """GET a presigned URL into `file`. Raises Failure("source_unreachable") when refused."""
    answer = client.send(Request("GET", url, sink=file))
    if answer.status != 200:
        raise Failure(
            "source_unreachable",
            f"The store answered {answer.status} when asked for the source.",
            "Deploy again: the link to the source may have run out of time.",
        )


def _files(api: Api, into: Path) -> Unpacked:
    folder = Folder(into)
    sizes: list[int] = []

    def one(item: tuple[Path, str]) -> None:
        path, url = item
        download(api.client, url, path)
        sizes.append(path.stat().st_size)

    parallel.each(_places(api, folder), one, CONNECTIONS)
    return Unpacked(len(sizes), sum(sizes), [])


def _places(api: Api, folder: Folder) -> Iterator[tuple[Path, str]]:
    """Every file to fetch: where it goes (made, empty), where it comes from."""
    cursor: str | None = None
    count = 0
    while True:
        page = api.call("source", {"cursor": cursor})
        for item in page.get("files") or []:
            count += 1
            if count > CAPS.entries:
                raise UnpackError(f"it holds more than {CAPS.entries:,} files")
            parts = split(str(item["path"]))
            if not parts:
                raise UnpackError("a file has no name")
            executable = bool(int(item.get("mode") or 0) & 0o111)
            os.close(folder.create(parts, executable=executable))
            yield folder.path(parts), str(item["url"])
        cursor = page.get("next")
        if not cursor:
            return
