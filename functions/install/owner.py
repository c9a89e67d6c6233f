"""The owner of an installation: made once, and given a new password when the old one is lost.

Invoked by the installer, whose right to do so is its right in the account: nobody else reaches
this. The password is in the answer and nowhere else. The installer also tells where the console
is, whose address AWS makes up after the API is there.
"""

from __future__ import annotations

from typing import Any

from chalicelib.audit import actions as audit
from chalicelib.audit.rules.entries import INSTALLATION
from chalicelib.core import console, ids
from chalicelib.teams import actions as teams


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"email","name"?}` or `{"reset": true}` -> `{"created","email","password" or null}`.

    `{"console": address}` says where the console is, and answers `{"told": true}`. Raises
    ValueError for a bad e-mail and LookupError when there is no owner to reset.
    """
    if event.get("console"):
        console.tell(str(event["console"]))
        return {"told": True}
    if event.get("reset"):
        owner = teams.reset_owner()
        _record("reset_owner", owner.email)
    else:
        email = str(event.get("email") or "")
        owner = teams.first_owner(email, str(event.get("name") or ""))
        if owner.created:
            _record("make_owner", owner.email)
    return {"created": owner.created, "email": owner.email, "password": owner.password}


def _record(action: str, email: str) -> None:
    audit.record(ids.new("evt"), INSTALLATION, f"installation.{action}", email)
