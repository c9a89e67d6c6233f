"""`backup` and `restore`: one file with everything a home folder keeps.

The database is copied first, through SQLite's own online copy; what its rows point at (blobs,
repositories) is written before the rows and never changes, so copying it afterwards is complete
even while the cloud runs.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
import time
from pathlib import Path, PurePosixPath

from adapters.local.lock import holder
from adapters.local.settings import FORMAT, Installation, Refusal

_EDGE = ("edge/routes", "edge/hosts", "edge/certs", "edge/own", "edge/ca")
KEPT = ("git", "s3", *_EDGE, "keys", "format")
DATABASE = "db/clouddeck.db"
ABOUT = "backup.json"


def backup(installation: Installation, target: Path) -> int:
    """Write everything to `target` (.tar.gz), whole or not at all; returns its size in bytes."""
    if not (installation.home / "format").exists():
        raise Refusal(f"There is nothing to back up in {installation.home}.")
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    copy = installation.home / "tmp" / f"backup-{os.getpid()}.db"
    try:
        _copy_database(installation.home / DATABASE, copy)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive,
        ):
            _add_text(archive, ABOUT, json.dumps({"format": FORMAT, "made_at": int(time.time())}))
            if copy.exists():
                archive.add(copy, DATABASE)
            for name in KEPT:
                if (installation.home / name).exists():
                    archive.add(installation.home / name, name)
        temporary.replace(target)
    except OSError as error:
        raise Refusal(f"Cannot write {target}: {error.strerror or error}.") from None
    finally:
        copy.unlink(missing_ok=True)
        temporary.unlink(missing_ok=True)
    return target.stat().st_size


def _copy_database(source: Path, target: Path) -> None:
    if not source.exists():
        return
    with sqlite3.connect(source, timeout=30) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    live.close()
    copy.close()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    archive.addfile(entry, io.BytesIO(text.encode()))


def restore(installation: Installation, source: Path) -> int:
    """Unpack a backup into an absent or empty home folder; returns the number of entries."""
    if holder(installation.home) is not None:
        raise Refusal("CloudDeck is running on that folder. Stop it first: ... down")
    if (installation.home / "format").exists():
        raise Refusal(f"{installation.home} is in use. Restore into another one with --home.")
    try:
        with tarfile.open(source) as archive:
            about = archive.extractfile(ABOUT)
            if about is None or json.loads(about.read())["format"] > FORMAT:
                raise Refusal(f"{source} was written by a newer CloudDeck. Update first.")
            members = [entry for entry in archive.getmembers() if entry.name != ABOUT]
            for entry in members:
                _check(entry)
            installation.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            archive.extractall(installation.home, members=members, filter="data")
    except (tarfile.TarError, KeyError, ValueError, EOFError):
        raise Refusal(f"{source} is not a CloudDeck backup, or it is damaged.") from None
    except OSError as error:
        raise Refusal(f"Cannot restore {source}: {error.strerror or error}.") from None
    installation.prepare()
    return len(members)


def _check(entry: tarfile.TarInfo) -> None:
    """Only files and folders below the names that a backup has."""
    parts = PurePosixPath(entry.name).parts
    if ".." in parts or parts[0] not in {"git", "s3", "edge", "keys", "format", "db"}:
        raise ValueError(entry.name)
    if not (entry.isfile() or entry.isdir()):
        raise ValueError(entry.name)
