"""Files by which the edge of this machine learns of hosts: `edge/hosts/` and `edge/certs/`.

A host file is JSON, `{"version":1,"host","slug","site","redirect","https","hsts_seconds","tls"}`;
beside it a PEM file of the same name holds private key and certificates, for its owner alone. The
star of a wildcard is written `_wild`. Both are replaced as a whole.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.edge.rules.hosts import normalise_host

_WILD = "_wild."


@dataclass(frozen=True)
class HostFiles:
    """The two folders, below `<home>/edge`."""

    folder: Path

    def write(self, host: str, document: dict[str, Any]) -> bool:
        """Say how a host is served; False when it says so already."""
        path = self._host(host)
        body = json.dumps({"version": 1, **document}, separators=(",", ":")).encode()
        if _content(path) == body:
            return False
        _replace(path, body, 0o644)
        return True

    def read(self, host: str) -> dict[str, Any] | None:
        """What is said of a host; None when there is nothing that can be read."""
        try:
            found = json.loads(_content(self._host(host)))
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def write_pem(self, host: str, pem: bytes) -> None:
        """Keep key and certificates of a host."""
        _replace(self._pem(host), pem, 0o600)

    def pem(self, host: str) -> bytes:
        """Key and certificates of a host; empty when there are none."""
        return _content(self._pem(host))

    def remove(self, host: str) -> None:
        """Forget a host: first that it is served, then its key."""
        self._host(host).unlink(missing_ok=True)
        self._pem(host).unlink(missing_ok=True)

    def remove_pem(self, host: str) -> None:
        """Forget the key of a host."""
        self._pem(host).unlink(missing_ok=True)

    def _host(self, host: str) -> Path:
        return self.folder / "hosts" / f"{_stem(host)}.json"

    def _pem(self, host: str) -> Path:
        return self.folder / "certs" / f"{_stem(host)}.pem"


def _stem(host: str) -> str:
    """A file name; raises ValueError for what is no host, so that none leaves the folder."""
    name = host.removeprefix("*.")
    if normalise_host(name) != name or ":" in host:
        raise ValueError(f"not a host name: {host!r}")
    return (_WILD if host != name else "") + name


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _replace(path: Path, body: bytes, mode: int) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
