"""`keys`: which keys the installation has, and new ones in front of them."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from adapters.local.settings import Installation


@dataclass(frozen=True)
class Shown:
    """Ids of the keys of access tokens, and which of them signs."""

    signs: str
    verify: list[str]


def show(installation: Installation) -> Shown:
    """The keys of access tokens."""
    keys = _keys(installation)
    return Shown(keys.signing_key()[0], list(keys.verifying_keys()))


def rotate(installation: Installation, which: str) -> str:
    """A new key of this kind, `signing` or `master`, used from now on; its id."""
    keys = _keys(installation)
    return str(keys.rotate_master() if which == "master" else keys.rotate_signing())


def _keys(installation: Installation) -> Any:
    return importlib.import_module("chalicelib.clouds.local.keys").LocalKeys(
        installation.home / "keys"
    )
