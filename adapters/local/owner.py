"""`owner`: the first account of an installation, whose credentials lie in `keys/owner.json`."""

from __future__ import annotations

import importlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from adapters.local import system
from adapters.local.settings import Installation, Refusal, write_private


def credentials_file(installation: Installation) -> Path:
    """Where the owner's e-mail and password are kept (mode 600)."""
    return installation.home / "keys" / "owner.json"


def owner(installation: Installation, email: str, name: str = "Owner") -> dict[str, Any]:
    """Create the owner account unless it is there; returns what the credentials file holds."""
    path = credentials_file(installation)
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if kept.get("email") == email and kept.get("user") and kept.get("admin"):
        return kept
    if not system.answers(installation.ports["dynoxide"]):
        raise Refusal("The embedded cloud is not running. Start it: python -m adapters.local up")
    if kept.get("email") != email:
        kept = {"email": email, "password": secrets.token_urlsafe(18)}
        write_private(path, json.dumps(kept, indent=1) + "\n")
    user = _create(installation, email, name, kept["password"])
    kept |= {"user": user, "admin": True}
    write_private(path, json.dumps(kept, indent=1) + "\n")
    return kept


def _create(installation: Installation, email: str, name: str, password: str) -> str:
    """Call the product in this process, with the installation's environment.

    An account that is there and does not run the installation yet gets this password too: whoever
    owns the machine owns the installation.
    """
    os.environ.update(installation.product_environment())
    importlib.import_module("chalicelib.wiring").install()
    accounts = importlib.import_module("chalicelib.teams.actions.accounts")
    users = importlib.import_module("chalicelib.identity.actions.users")
    user = accounts.create_owner_account(email, name, password, admin=True)
    if not user.admin or user.status == "pending":
        users.set_password(user, password)
        users.make_admin(user)
    return str(user.id)
