"""The Keys port on files, for an installation without KMS.

`master.json` holds the keys that wrap data keys: the first one wraps, all of them unwrap.
`signing.json` holds the ES256 keys of access tokens: the first one signs, both verify. A file
appears whole or not at all and is readable by its owner alone. Processes that start at once end
with one file, because only one of them can link it into place; a running process notices a
rotation by the file's identity.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_FORMAT = 1
_ID_BYTES = 8
_NONCE = 12
Entry = dict[str, str]


class LocalKeys:
    """Keys in a folder; made at first use."""

    def __init__(self, folder: Path) -> None:
        self._master = _KeyFile(folder / "master.json", _new_master)
        self._signing = _KeyFile(folder / "signing.json", _new_signing)
        self._loaded: tuple[object, dict[str, ec.EllipticCurvePrivateKey]] = (None, {})

    def wrap(self, plain: bytes, context: dict[str, str]) -> bytes:
        """Encrypt with the newest master key, bound to `context`."""
        newest = self._master.entries()[0]
        head = bytes([_FORMAT]) + bytes.fromhex(newest["id"])
        nonce = secrets.token_bytes(_NONCE)
        key = AESGCM(b64decode(newest["key"]))
        return head + nonce + key.encrypt(nonce, plain, head + _canonical(context))

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        """Decrypt; raises ValueError when the context or a byte differs."""
        end = 1 + _ID_BYTES
        head, nonce, body = wrapped[:end], wrapped[end : end + _NONCE], wrapped[end + _NONCE :]
        key = next((e for e in self._master.entries() if e["id"] == head[1:].hex()), None)
        if head[:1] != bytes([_FORMAT]) or key is None or len(nonce) != _NONCE:
            raise ValueError("not wrapped by a key of this installation")
        try:
            return AESGCM(b64decode(key["key"])).decrypt(nonce, body, head + _canonical(context))
        except InvalidTag:
            raise ValueError("the wrapped value or its context was changed") from None

    def signing_key(self) -> tuple[str, Any]:
        """(key id, private key) that signs access tokens now (ES256)."""
        keys = self._private_keys()
        newest = next(iter(keys))
        return newest, keys[newest]

    def verifying_keys(self) -> dict[str, Any]:
        """Public keys by key id that access tokens may be signed with."""
        return {name: key.public_key() for name, key in self._private_keys().items()}

    def rotate_signing(self) -> str:
        """Sign with a new key from now on; the one before still verifies. The new key's id."""
        return self._signing.add(keep=2)["id"]

    def rotate_master(self) -> str:
        """Wrap with a new key from now on; all before still unwrap. The new key's id."""
        return self._master.add(keep=None)["id"]

    def _private_keys(self) -> dict[str, ec.EllipticCurvePrivateKey]:
        entries = self._signing.entries()
        if self._loaded[0] is not entries:
            keys: dict[str, Any] = {
                entry["id"]: load_pem_private_key(entry["key"].encode(), None) for entry in entries
            }
            self._loaded = (entries, keys)
        return self._loaded[1]


class _KeyFile:
    """A list of keys, newest first."""

    def __init__(self, path: Path, new: Callable[[], Entry]) -> None:
        self._path = path
        self._new = new
        self._seen: tuple[tuple[int, int], list[Entry]] | None = None

    def entries(self) -> list[Entry]:
        """The keys; the same list as long as the file is the same."""
        try:
            identity = _identity(self._path)
        except FileNotFoundError:
            self._make()
            identity = _identity(self._path)
        if self._seen is None or self._seen[0] != identity:
            self._seen = (identity, self._read())
        return self._seen[1]

    def add(self, keep: int | None) -> Entry:
        """Put a new key in front and keep so many in all."""
        self.entries()
        with self._lock():
            entry = self._new()
            self._write([entry, *self._read()][:keep], replace=True)
        return entry

    def _read(self) -> list[Entry]:
        try:
            content = json.loads(self._path.read_text())
            entries: list[Entry] = content["keys"]
            if content["version"] != _FORMAT or not entries:
                raise ValueError("unknown version, or empty")
        except (ValueError, KeyError, TypeError) as error:
            raise RuntimeError(
                f"{self._path} is not a key file of ours ({error}); restore it from a backup. "
                "Without it, what was encrypted with its keys cannot be read."
            ) from None
        return entries

    def _make(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write([self._new()], replace=False)

    def _write(self, entries: list[Entry], *, replace: bool) -> None:
        temporary = self._path.with_name(f".{self._path.name}.{secrets.token_hex(6)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                json.dump({"version": _FORMAT, "keys": entries}, file)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(self._path)
            else:
                _link_unless_there(temporary, self._path)
            _sync_folder(self._path.parent)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._path.with_suffix(".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _link_unless_there(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return  # another process was first; its keys are the keys


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def _new_master() -> Entry:
    return {
        "id": secrets.token_hex(_ID_BYTES),
        "key": b64encode(AESGCM.generate_key(256)).decode(),
    }


def _new_signing() -> Entry:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "id": urlsafe_b64encode(sha256(public).digest()[:12]).decode(),
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }


def _canonical(context: dict[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True, separators=(",", ":")).encode()
